#pragma once

#include "protocol/basic_types.hpp"
#include "protocol/packet.hpp"

#include <cstddef>
#include <cstdint>

/// The tool's own reading of the packets that come per message. It looks at
/// nothing it does not need, so that the tool stays cheaper than the server;
/// and a fault shared by both ends of one decoder would go unseen.

namespace hetzel::test::load {

/// A complete packet in place.
struct scanned_packet {
  unsigned char first_byte = 0;
  /// After the fixed header.
  mqtt::bytes_view body;
  /// Fixed header included.
  mqtt::bytes_view whole;

  [[nodiscard]] mqtt::packet_type type() const noexcept {
    return static_cast<mqtt::packet_type>(first_byte >> 4);
  }
};

enum class scan_result : unsigned char { complete, incomplete, malformed };

/// Takes the first packet off the front of `rest` when it is complete.
inline scan_result scan_packet(mqtt::bytes_view& rest,
                               scanned_packet& packet) noexcept {
  std::size_t remaining_length = 0;
  for (std::size_t i = 1; i <= 4; ++i) {
    if (i >= rest.size())
      return scan_result::incomplete;
    const auto byte = static_cast<unsigned char>(rest[i]);
    remaining_length |= std::size_t{byte & 0x7FU} << (7 * (i - 1));
    if ((byte & 0x80U) != 0)
      continue;
    const auto size = i + 1 + remaining_length;
    if (size > rest.size())
      return scan_result::incomplete;
    packet.first_byte = static_cast<unsigned char>(rest[0]);
    packet.body = rest.substr(i + 1, remaining_length);
    packet.whole = rest.substr(0, size);
    rest.remove_prefix(size);
    return scan_result::complete;
  }
  return scan_result::malformed;
}

/// Precondition: two bytes at `offset`.
inline std::uint16_t scan_two_bytes(mqtt::bytes_view bytes,
                                    std::size_t offset) noexcept {
  return static_cast<std::uint16_t>(
    (static_cast<unsigned char>(bytes[offset]) << 8)
    | static_cast<unsigned char>(bytes[offset + 1]));
}

/// A PUBLISH from the server.
struct scanned_publish {
  mqtt::qos quality{};
  bool dup = false;
  bool retain = false;
  mqtt::packet_id id = 0;
  mqtt::bytes_view payload;
};

/// False when the packet is shorter than it says.
[[nodiscard]] inline bool scan_publish(const scanned_packet& packet,
                                       mqtt::protocol_version version,
                                       scanned_publish& out) noexcept {
  const auto body = packet.body;
  if (body.size() < 2)
    return false;
  std::size_t offset = 2U + scan_two_bytes(body, 0);
  out.quality = static_cast<mqtt::qos>((packet.first_byte >> 1) & 3);
  out.dup = (packet.first_byte & 8) != 0;
  out.retain = (packet.first_byte & 1) != 0;
  if (out.quality != mqtt::qos::at_most_once) {
    if (offset + 2 > body.size())
      return false;
    out.id = scan_two_bytes(body, offset);
    offset += 2;
  }
  if (version == mqtt::protocol_version::v5) {
    std::size_t properties_size = 0;
    unsigned shift = 0;
    unsigned char byte = 0;
    do {
      if (offset >= body.size() || shift > 21)
        return false;
      byte = static_cast<unsigned char>(body[offset++]);
      properties_size |= std::size_t{byte & 0x7FU} << shift;
      shift += 7;
    } while ((byte & 0x80U) != 0);
    offset += properties_size;
  }
  if (offset > body.size())
    return false;
  out.payload = body.substr(offset);
  return true;
}

} // namespace hetzel::test::load
