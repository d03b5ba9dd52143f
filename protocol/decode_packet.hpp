#pragma once

#include "protocol/decoder.hpp"
#include "protocol/property_rules.hpp"
#include "protocol/reader.hpp"

#include <utility>

/// The decoders behind `decode`, one for each packet type, and what they have
/// in common. Only the sources of the decoder include this.

namespace hetzel::mqtt {

/// What the version, but not the packet type alone, says about the fixed
/// header: in 5.0 the Remaining Length takes its shortest form
/// [MQTT-1.5.5-1], and only 3.1 sends SUBSCRIBE, UNSUBSCRIBE and PUBREL again
/// with DUP.
[[nodiscard]] inline bool is_valid_header(const frame& packet,
                                          protocol_version version) noexcept {
  auto header_size = packet.size - packet.body.size();
  if (version == protocol_version::v5
      && header_size != 1 + variable_byte_integer_size(packet.body.size()))
    return false;
  return version == protocol_version::v3_1 || (packet.flags & 0x08U) == 0
         || packet.type == packet_type::publish;
}

/// A reader of the body; failed from the start when the header is not valid.
[[nodiscard]] inline reader open_body(const frame& packet,
                                      protocol_version version) noexcept {
  reader in(packet.body);
  in.require(is_valid_header(packet, version), reason_code::malformed_packet);
  return in;
}

/// Ends a decoder: nothing may be left, and `packet` counts if nothing failed.
template <class Packet>
[[nodiscard]] expected<Packet, reason_code>
close_body(reader& in, Packet packet) noexcept {
  in.require_end();
  if (in.has_failed())
    return unexpected(in.fault());
  return expected<Packet, reason_code>(std::move(packet));
}

/// The properties read, and which there are.
struct checked_properties {
  property_view view;
  property_set present;
};

/// `read_properties` when there are some, or when it fails.
[[nodiscard]] checked_properties
read_some_properties(reader& in, property_place place) noexcept;

/// Reads Property Length and properties; 3.x has none, and in 5.0 most packets
/// have a Property Length of zero. AUTH is never without, see 3.15.2.2.2.
[[nodiscard]] inline checked_properties
read_properties(reader& in, property_place place,
                protocol_version version) noexcept {
  if (version != protocol_version::v5)
    return {};
  if (place != property_place::auth && in.take_zero())
    return {};
  return read_some_properties(in, place);
}

/// Reads a Packet Identifier, which is never zero [MQTT-2.2.1-3].
[[nodiscard]] inline packet_id read_packet_id(reader& in) noexcept {
  auto id = in.two_byte_integer();
  in.require(id != 0, reason_code::protocol_error);
  return id;
}

/// Reads one Reason Code that `type` may carry.
[[nodiscard]] reason_code read_reason_code(reader& in,
                                           packet_type type) noexcept;

[[nodiscard]] expected<connack, reason_code>
decode_connack(const frame& packet, protocol_version version) noexcept;

[[nodiscard]] expected<subscribe, reason_code>
decode_subscribe(const frame& packet, protocol_version version);

[[nodiscard]] expected<suback, reason_code>
decode_suback(const frame& packet, protocol_version version);

[[nodiscard]] expected<unsubscribe, reason_code>
decode_unsubscribe(const frame& packet, protocol_version version);

[[nodiscard]] expected<unsuback, reason_code>
decode_unsuback(const frame& packet, protocol_version version);

[[nodiscard]] expected<disconnect, reason_code>
decode_disconnect(const frame& packet, protocol_version version) noexcept;

[[nodiscard]] expected<auth, reason_code>
decode_auth(const frame& packet, protocol_version version) noexcept;

} // namespace hetzel::mqtt
