#include "protocol/decoder.hpp"

#include "protocol/variable_byte_integer.hpp"

#include <array>

namespace hetzel::mqtt {

namespace {

/// How bits 3–0 of the first byte may look, by packet type: those in `free`
/// are free, the others must be as in `fixed` (MQTT 5, table 2-2).
struct flags_rule {
  unsigned char fixed;
  unsigned char free;
};

constexpr unsigned char dup = 0x08;

// DUP is free in packets that 3.1 lets a peer send again; what later versions
// make of it is decided where the version is known.
constexpr std::array<flags_rule, 16> flags_rules = {{
  {0, 0},      // reserved
  {0, 0},      // CONNECT
  {0, 0},      // CONNACK
  {0, 0x0F},   // PUBLISH
  {0, 0},      // PUBACK
  {0, 0},      // PUBREC
  {0x02, dup}, // PUBREL
  {0, 0},      // PUBCOMP
  {0x02, dup}, // SUBSCRIBE
  {0, 0},      // SUBACK
  {0x02, dup}, // UNSUBSCRIBE
  {0, 0},      // UNSUBACK
  {0, 0},      // PINGREQ
  {0, 0},      // PINGRESP
  {0, 0},      // DISCONNECT
  {0, 0},      // AUTH
}};

bool is_valid_first_byte(unsigned char byte) noexcept {
  unsigned type = byte >> 4U;
  auto& rule = flags_rules[type];
  return type != 0 && ((byte & 0x0FU) & ~unsigned{rule.free}) == rule.fixed;
}

} // namespace

expected<std::optional<frame>, reason_code>
next_frame(bytes_view buffer, std::size_t packet_size_max) noexcept {
  if (buffer.empty())
    return std::nullopt;
  auto first = static_cast<unsigned char>(buffer.front());
  if (!is_valid_first_byte(first))
    return unexpected(reason_code::malformed_packet);
  auto [length, length_size]
    = read_variable_byte_integer(buffer.data() + 1, buffer.size() - 1);
  if (length_size == 0)
    return std::nullopt;
  if (length_size > 4)
    return unexpected(reason_code::malformed_packet);
  auto header_size = 1 + length_size;
  auto size = header_size + length;
  if (size > packet_size_max)
    return unexpected(reason_code::packet_too_large);
  if (buffer.size() < size)
    return std::nullopt;
  return frame{static_cast<packet_type>(first >> 4U),
               static_cast<unsigned char>(first & 0x0FU),
               bytes_view(buffer.data() + header_size, length), size};
}

std::optional<std::size_t> frame_size(bytes_view buffer) noexcept {
  if (buffer.empty())
    return std::nullopt;
  auto [length, length_size]
    = read_variable_byte_integer(buffer.data() + 1, buffer.size() - 1);
  if (length_size == 0 || length_size > 4)
    return std::nullopt;
  return 1 + length_size + length;
}

} // namespace hetzel::mqtt
