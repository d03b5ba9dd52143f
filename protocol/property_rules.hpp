#pragma once

#include "protocol/expected.hpp"
#include "protocol/packet.hpp"
#include "protocol/property.hpp"
#include "protocol/property_set.hpp"
#include "protocol/reason_code.hpp"

#include <cstdint>

/// What MQTT 5 says about each property (table 2-4 and the sections of the
/// packets): where it may stand, how often, and which values it may have.

namespace hetzel::mqtt {

/// Where properties stand: in a packet of a type, or in the will of a CONNECT.
/// Numbered as `packet_type`.
enum class property_place : unsigned char {
  will = 0,
  connect = 1,
  connack = 2,
  publish = 3,
  puback = 4,
  pubrec = 5,
  pubrel = 6,
  pubcomp = 7,
  subscribe = 8,
  suback = 9,
  unsubscribe = 10,
  unsuback = 11,
  disconnect = 14,
  auth = 15,
};

[[nodiscard]] constexpr property_place place_of(packet_type type) noexcept {
  return static_cast<property_place>(type);
}

/// The row of one property in the table of rules.
struct property_rule {
  property_type type = property_type::none;
  /// One bit for each `property_place`.
  std::uint16_t places = 0;
  /// Bounds of a number; both inclusive.
  std::uint32_t minimum = 0;
  std::uint32_t maximum = 0;

  [[nodiscard]] constexpr bool allows(property_place place) const noexcept {
    return ((places >> static_cast<unsigned>(place)) & 1U) != 0;
  }
};

/// `type` is `none` for an identifier that MQTT 5 does not know.
[[nodiscard]] const property_rule& rule_of(property_id id) noexcept;

/// User properties, and in PUBLISH one Subscription Identifier for each
/// subscription that matched.
[[nodiscard]] bool may_repeat(property_id id, property_place place) noexcept;

/// Checks the properties of one packet, given without their Property Length;
/// tells which there are. Errors:
/// - `malformed_packet`: an unknown identifier, one not valid in this place, a
///   value that is cut short or not UTF-8;
/// - `protocol_error`: a property twice, a number out of its range, a Response
///   Topic that is empty or has wildcards [MQTT-3.3.2-14], Authentication Data
///   without a method in CONNECT, no method in AUTH;
/// - `topic_alias_invalid`: alias zero [MQTT-3.3.2-8].
/// Who may send it is for the caller to check: a Subscription Identifier in
/// PUBLISH [MQTT-3.3.4-6], Session Expiry in DISCONNECT [MQTT-3.14.2-2].
[[nodiscard]] expected<property_set, reason_code>
check_properties(bytes_view coded, property_place place) noexcept;

} // namespace hetzel::mqtt
