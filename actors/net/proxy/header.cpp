#include "actors/net/proxy/header.hpp"

#include "actors/net/proxy/version_1.hpp"
#include "actors/net/proxy/version_2.hpp"

#include <algorithm>

namespace hetzel::net::proxy {

namespace {

/// Whether one is the beginning of the other.
bool agree(mqtt::bytes_view a, mqtt::bytes_view b) noexcept {
  const auto common = std::min(a.size(), b.size());
  return a.substr(0, common) == b.substr(0, common);
}

} // namespace

const char* to_string(fault of) noexcept {
  switch (of) {
    case fault::not_a_header:
      return "there is no PROXY header";
    case fault::bad_line:
      return "the line of PROXY version 1 is malformed";
    case fault::bad_command:
      return "unknown version or command of PROXY";
    case fault::bad_family:
      return "no stream of IPv4, IPv6 or local sockets";
    case fault::bad_block:
      return "addresses or attributes are cut short";
    case fault::bad_text:
      return "an attribute is no text, or comes twice";
    case fault::bad_checksum:
      return "the checksum is wrong";
    case fault::too_large:
      return "the header is too large";
  }
  return "?";
}

mqtt::expected<std::optional<header>, fault>
read_header(mqtt::bytes_view received) {
  if (received.empty())
    return std::nullopt;
  if (agree(received, version_2_signature))
    return read_version_2(received);
  if (agree(received, version_1_prefix))
    return read_version_1(received);
  return mqtt::unexpected(fault::not_a_header);
}

} // namespace hetzel::net::proxy
