#include "protocol/reason_code.hpp"

#include "protocol/reason_code_rules.hpp"

#include <array>
#include <cstddef>
#include <cstdint>

namespace hetzel::mqtt {

namespace {

/// A set of packet types, one bit each.
using packet_set = std::uint16_t;

template <class... Types>
constexpr packet_set in(Types... types) {
  return static_cast<packet_set>((0 | ... | (1U << static_cast<int>(types))));
}

struct reason_code_row {
  reason_code code;
  std::string_view name;
  packet_set packets;
};

using enum packet_type;
using rc = reason_code;

constexpr packet_set publish_acks = in(puback, pubrec);
constexpr packet_set replies = in(puback, pubrec, pubrel, pubcomp);
constexpr packet_set request_acks = in(puback, pubrec, suback, unsuback);
constexpr packet_set closings = in(connack, disconnect);

// Table 2-6 of MQTT 5.
constexpr reason_code_row rows[] = {
  {rc::success, "success",
   in(connack, suback, unsuback, disconnect, auth) | replies},
  {rc::granted_qos_1, "granted_qos_1", in(suback)},
  {rc::granted_qos_2, "granted_qos_2", in(suback)},
  {rc::disconnect_with_will_message, "disconnect_with_will_message",
   in(disconnect)},
  {rc::no_matching_subscribers, "no_matching_subscribers", publish_acks},
  {rc::no_subscription_existed, "no_subscription_existed", in(unsuback)},
  {rc::continue_authentication, "continue_authentication", in(auth)},
  {rc::reauthenticate, "reauthenticate", in(auth)},
  {rc::unspecified_error, "unspecified_error", closings | request_acks},
  {rc::malformed_packet, "malformed_packet", closings},
  {rc::protocol_error, "protocol_error", closings},
  {rc::implementation_specific_error, "implementation_specific_error",
   closings | request_acks},
  {rc::unsupported_protocol_version, "unsupported_protocol_version",
   in(connack)},
  {rc::client_identifier_not_valid, "client_identifier_not_valid", in(connack)},
  {rc::bad_user_name_or_password, "bad_user_name_or_password", in(connack)},
  {rc::not_authorized, "not_authorized", closings | request_acks},
  {rc::server_unavailable, "server_unavailable", in(connack)},
  {rc::server_busy, "server_busy", closings},
  {rc::banned, "banned", in(connack)},
  {rc::server_shutting_down, "server_shutting_down", in(disconnect)},
  {rc::bad_authentication_method, "bad_authentication_method", closings},
  {rc::keep_alive_timeout, "keep_alive_timeout", in(disconnect)},
  {rc::session_taken_over, "session_taken_over", in(disconnect)},
  {rc::topic_filter_invalid, "topic_filter_invalid",
   in(suback, unsuback, disconnect)},
  {rc::topic_name_invalid, "topic_name_invalid", closings | publish_acks},
  {rc::packet_identifier_in_use, "packet_identifier_in_use", request_acks},
  {rc::packet_identifier_not_found, "packet_identifier_not_found",
   in(pubrel, pubcomp)},
  {rc::receive_maximum_exceeded, "receive_maximum_exceeded", in(disconnect)},
  {rc::topic_alias_invalid, "topic_alias_invalid", in(disconnect)},
  {rc::packet_too_large, "packet_too_large", closings},
  {rc::message_rate_too_high, "message_rate_too_high", in(disconnect)},
  {rc::quota_exceeded, "quota_exceeded", closings | publish_acks | in(suback)},
  {rc::administrative_action, "administrative_action", in(disconnect)},
  {rc::payload_format_invalid, "payload_format_invalid",
   closings | publish_acks},
  {rc::retain_not_supported, "retain_not_supported", closings},
  {rc::qos_not_supported, "qos_not_supported", closings},
  {rc::use_another_server, "use_another_server", closings},
  {rc::server_moved, "server_moved", closings},
  {rc::shared_subscriptions_not_supported, "shared_subscriptions_not_supported",
   in(suback, disconnect)},
  {rc::connection_rate_exceeded, "connection_rate_exceeded", closings},
  {rc::maximum_connect_time, "maximum_connect_time", in(disconnect)},
  {rc::subscription_identifiers_not_supported,
   "subscription_identifiers_not_supported", in(suback, disconnect)},
  {rc::wildcard_subscriptions_not_supported,
   "wildcard_subscriptions_not_supported", in(suback, disconnect)},
};

constexpr auto row_of_code = [] {
  std::array<unsigned char, 256> index{};
  for (std::size_t i = 0; i < std::size(rows); ++i)
    index[static_cast<unsigned char>(rows[i].code)]
      = static_cast<unsigned char>(i + 1);
  return index;
}();

/// Null for a code that MQTT 5 does not know.
const reason_code_row* find_row(reason_code code) noexcept {
  auto index = row_of_code[static_cast<unsigned char>(code)];
  return index == 0 ? nullptr : &rows[index - 1];
}

} // namespace

std::string_view to_string(reason_code code) noexcept {
  auto* row = find_row(code);
  return row ? row->name : "unknown_reason_code";
}

bool is_allowed_in(packet_type type, reason_code code) noexcept {
  auto* row = find_row(code);
  return row && (row->packets & in(type)) != 0;
}

unsigned char connack_return_code(reason_code code) noexcept {
  if (!is_error(code))
    return 0;
  switch (code) {
  case reason_code::unsupported_protocol_version:
    return 1;
  case reason_code::client_identifier_not_valid:
    return 2;
  case reason_code::bad_user_name_or_password:
  case reason_code::bad_authentication_method:
    return 4;
  case reason_code::not_authorized:
  case reason_code::banned:
    return 5;
  default:
    // The only return code of 3.x that says nothing about the client.
    return 3;
  }
}

} // namespace hetzel::mqtt
