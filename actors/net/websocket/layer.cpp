#include "actors/net/websocket/layer.hpp"

#include "actors/net/websocket/deflater.hpp"

#include <algorithm>
#include <utility>

namespace hetzel::net::websocket {

namespace {

/// Less than this is sent as it is.
constexpr std::size_t deflated_min = 64;

void write_frame(mqtt::output_buffer& down, opcode kind,
                 mqtt::bytes_view payload) {
  auto& out = down.tail();
  write_server_header(out, kind, payload.size());
  out.append(payload);
}

void write_close(mqtt::output_buffer& down, close_code code) {
  const auto number = static_cast<unsigned>(code);
  const char bytes[] = {static_cast<char>(number >> 8U),
                        static_cast<char>(number & 0xFFU)};
  write_frame(down, opcode::close, {bytes, sizeof(bytes)});
}

const char* sentence(close_code of) noexcept {
  switch (of) {
    case close_code::unsupported:
      return "MQTT is sent in binary messages, not in text";
    case close_code::invalid_data:
      return "the content of a message is malformed";
    case close_code::too_large:
      return "a frame or message is too large";
    case close_code::normal:
    case close_code::protocol_error:
      break;
  }
  return "a frame is malformed";
}

} // namespace

layer::layer(std::shared_ptr<const layer_options> options,
             bool is_proxy_trusted)
  : options_(std::move(options)),
    upgrade_(std::make_unique<upgrade_reader>(options_->upgrade,
                                              is_proxy_trusted)) {}

transport_layer::status layer::receive(mqtt::bytes_view received,
                                       std::string& up,
                                       mqtt::output_buffer& down) {
  if (upgrade_) {
    auto outcome = upgrade_->read(received);
    if (!outcome)
      return status::open;
    upgrade_.reset();
    if (on_upgrade(std::move(*outcome), down) == status::failed)
      return status::failed;
  }
  return read_frames(received, up, down);
}

transport_layer::status layer::on_upgrade(upgrade_outcome&& outcome,
                                          mqtt::output_buffer& down) {
  down.tail().append(outcome.response);
  fault_ = outcome.fault;
  failure_ = outcome.failure;
  if (fault_ != transport_fault::none)
    return status::failed;
  window_bits_ = outcome.window_bits;
  address_ = std::move(outcome.address);
  common_name_ = std::move(outcome.common_name);
  auto limits = options_->frames;
  limits.is_compressed = window_bits_ > 0;
  reader_.emplace(limits);
  return status::open;
}

transport_layer::status layer::read_frames(mqtt::bytes_view received,
                                           std::string& up,
                                           mqtt::output_buffer& down) {
  reader_->begin_read();
  for (;;) {
    switch (reader_->next(received, up)) {
      case frame_reader::step::drained:
        return status::open;
      case frame_reader::step::ping:
        write_frame(down, opcode::pong, reader_->control());
        break;
      case frame_reader::step::close:
        return on_close(down);
      case frame_reader::step::failed:
        return fail(reader_->fault(), down);
    }
  }
}

/// The code that came goes back (RFC 6455, 5.5.1).
transport_layer::status layer::on_close(mqtt::output_buffer& down) {
  const auto content = reader_->control();
  if (const auto checked = check_close(content); !checked)
    return fail(checked.error(), down);
  write_frame(down, opcode::close, content.substr(0, 2));
  return status::ended;
}

void layer::send(mqtt::output_buffer& output, mqtt::output_buffer& down,
                 std::size_t bytes_max) {
  const auto size = std::min(output.size(), bytes_max);
  if (!is_established() || size == 0)
    return;
  if (window_bits_ > 0 && size >= deflated_min) {
    const auto part = deflate(output, size, window_bits_);
    if (part.bytes.size() < part.size) {
      auto& out = down.tail();
      write_server_header(out, opcode::binary, part.bytes.size(), true);
      out.append(part.bytes);
      return output.consume(part.size);
    }
  }
  write_server_header(down.tail(), opcode::binary, size);
  down.take(output, size);
}

void layer::close(mqtt::output_buffer& down) {
  if (is_established())
    write_close(down, close_code::normal);
}

void layer::describe(peer_identity& into) const {
  if (!address_.empty())
    into.address = address_;
  if (!common_name_.empty()) {
    into.common_name = common_name_;
    into.user_name = common_name_;
  }
}

transport_layer::status layer::fail(close_code with,
                                    mqtt::output_buffer& down) {
  write_close(down, with);
  fault_ = with == close_code::too_large ? transport_fault::limit
                                         : transport_fault::malformed;
  failure_ = sentence(with);
  return status::failed;
}

} // namespace hetzel::net::websocket
