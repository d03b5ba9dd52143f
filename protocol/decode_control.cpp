#include "protocol/decode_packet.hpp"

#include <array>

namespace hetzel::mqtt {

namespace {

/// What the return codes of 3.x mean, by value (MQTT 3.1.1, table 3.1).
constexpr std::array return_codes = {
  reason_code::success,
  reason_code::unsupported_protocol_version,
  reason_code::client_identifier_not_valid,
  reason_code::server_unavailable,
  reason_code::bad_user_name_or_password,
  reason_code::not_authorized,
};

reason_code read_return_code(reader& in) noexcept {
  auto value = in.byte();
  if (value < return_codes.size())
    return return_codes[value];
  in.fail(reason_code::protocol_error);
  return {};
}

} // namespace

expected<connack, reason_code>
decode_connack(const frame& packet, protocol_version version) noexcept {
  auto in = open_body(packet, version);
  connack result;
  unsigned flags = in.byte();
  // Bits 7–1 are reserved [MQTT-3.2.2-1]; 3.1 leaves all eight undefined.
  if (version == protocol_version::v3_1)
    flags = 0;
  in.require((flags & 0xFEU) == 0, reason_code::malformed_packet);
  result.session_present = (flags & 1U) != 0;
  result.code = version == protocol_version::v5
                  ? read_reason_code(in, packet_type::connack)
                  : read_return_code(in);
  // A refusal resumes nothing [MQTT-3.2.2-6].
  in.require(!result.session_present || result.code == reason_code::success,
             reason_code::protocol_error);
  result.properties
    = read_properties(in, property_place::connack, version).view;
  return close_body(in, result);
}

expected<disconnect, reason_code>
decode_disconnect(const frame& packet, protocol_version version) noexcept {
  auto in = open_body(packet, version);
  disconnect result;
  // Short forms as for PUBACK (MQTT 5, 3.14.2.1 and 3.14.2.2.1).
  if (version == protocol_version::v5 && !in.at_end()) {
    result.code = read_reason_code(in, packet_type::disconnect);
    if (!in.at_end())
      result.properties
        = read_properties(in, property_place::disconnect, version).view;
  }
  return close_body(in, result);
}

expected<auth, reason_code> decode_auth(const frame& packet,
                                        protocol_version version) noexcept {
  auto in = open_body(packet, version);
  // In 3.x the type is reserved (3.1.1, 2.2.1).
  in.require(version == protocol_version::v5, reason_code::malformed_packet);
  auth result;
  // The empty form says `success` without properties (MQTT 5, 3.15.2.1); that
  // no method is named then is for the exchange to judge.
  if (!in.at_end()) {
    result.code = read_reason_code(in, packet_type::auth);
    result.properties = read_properties(in, property_place::auth, version).view;
  }
  return close_body(in, result);
}

} // namespace hetzel::mqtt
