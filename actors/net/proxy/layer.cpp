#include "actors/net/proxy/layer.hpp"

#include <algorithm>
#include <utility>

namespace hetzel::net::proxy {

namespace {

transport_fault kind_of(fault of) noexcept {
  switch (of) {
    case fault::not_a_header:
      return transport_fault::foreign;
    case fault::too_large:
      return transport_fault::limit;
    case fault::bad_line:
    case fault::bad_command:
    case fault::bad_family:
    case fault::bad_block:
    case fault::bad_text:
    case fault::bad_checksum:
      break;
  }
  return transport_fault::malformed;
}

} // namespace

layer::layer(const layer_options& options) noexcept : options_(options) {}

transport_layer::status layer::receive(mqtt::bytes_view received,
                                       std::string& up, mqtt::output_buffer&) {
  if (is_read_) {
    up.append(received);
    return status::open;
  }
  if (received.empty())
    return status::open;
  if (!options_.is_trusted)
    return fail(transport_fault::untrusted_proxy,
                "this address may not send a PROXY header");
  auto bytes = received;
  if (!partial_.empty())
    bytes = partial_.append(received);
  auto read = read_header(bytes);
  if (!read)
    return fail(kind_of(read.error()), to_string(read.error()));
  if (!*read) {
    if (partial_.empty())
      partial_ = received;
    return status::open;
  }
  header_ = std::move(**read);
  is_read_ = true;
  up.append(bytes.substr(header_.size));
  std::string{}.swap(partial_);
  return status::open;
}

void layer::send(mqtt::output_buffer& output, mqtt::output_buffer& down,
                 std::size_t bytes_max) {
  if (is_read_)
    down.take(output, std::min(output.size(), bytes_max));
}

void layer::describe(peer_identity& into) const {
  if (header_.is_local)
    return;
  into.address = header_.source;
  into.server_name = header_.authority;
  if (!header_.tls)
    return;
  into.tls_version = header_.tls->version;
  into.tls_cipher = header_.tls->cipher;
  const auto& name = header_.tls->common_name;
  if (!header_.tls->is_verified || name.empty())
    return;
  into.common_name = name;
  if (options_.takes_common_name)
    into.user_name = name;
}

transport_layer::status layer::fail(transport_fault with,
                                    const char* why) noexcept {
  fault_ = with;
  failure_ = why;
  return status::failed;
}

} // namespace hetzel::net::proxy
