#include "protocol/session/connect_rules.hpp"

#include "protocol/session/session_expiry.hpp"
#include "protocol/topic.hpp"

#include <algorithm>

namespace hetzel::mqtt {

namespace {

constexpr unsigned bridge_bit = 0x80;
constexpr unsigned first_v5_level = 5;

bool is_allowed(const connect& packet,
                const session_limits::versions& allowed) noexcept {
  switch (packet.version) {
  case protocol_version::v3_1:
    return packet.is_bridge ? allowed.v3_1_bridge : allowed.v3_1;
  case protocol_version::v3_1_1:
    return packet.is_bridge ? allowed.v3_1_1_bridge : allowed.v3_1_1;
  case protocol_version::v5:
    return allowed.v5;
  }
  return false;
}

// An empty id asks for an assigned one; 3.1 does not know that, and 3.1.1
// only for a session that ends with its connection [MQTT-3.1.3-8].
bool may_omit_client_id(const connect& packet) noexcept {
  switch (packet.version) {
  case protocol_version::v3_1:
    return false;
  case protocol_version::v3_1_1:
    return packet.clean_start;
  case protocol_version::v5:
    return true;
  }
  return false;
}

std::chrono::seconds will_delay(const connect& packet,
                                const session_limits& limits) {
  if (!packet.will)
    return {};
  auto asked = std::chrono::seconds{
    packet.will->properties.integer(property_id::will_delay_interval)
      .value_or(0)};
  return limits.will_delay_max ? std::min(asked, *limits.will_delay_max)
                               : asked;
}

std::optional<std::chrono::seconds>
session_expiry(const connect& packet, const session_limits& limits) {
  if (packet.version == protocol_version::v5)
    return cap_session_expiry(
      decode_session_expiry(requested_session_expiry(packet)),
      limits.session_expiry_max);
  if (packet.clean_start)
    return std::chrono::seconds{0};
  return limits.persistent_client_expiration;
}

} // namespace

spoken_protocol sniff_protocol(bytes_view body) noexcept {
  constexpr bytes_view name{"\0\4MQTT", 6};
  constexpr bytes_view old_name{"\0\6MQIsdp", 8};
  if (body.starts_with(old_name))
    return spoken_protocol::v3;
  if (!body.starts_with(name) || body.size() == name.size())
    return spoken_protocol::unknown;
  auto level = static_cast<unsigned char>(body[name.size()]) & ~bridge_bit;
  return level < first_v5_level ? spoken_protocol::v3 : spoken_protocol::v5;
}

connect_fault check_connect(const connect& packet,
                            const session_limits& limits) {
  if (!is_allowed(packet, limits.allowed_versions))
    return {reason_code::unsupported_protocol_version,
            "protocol version is not allowed here"};
  if (packet.client_id.size() > limits.client_id_size_max)
    return {reason_code::client_identifier_not_valid,
            "client identifier is too long"};
  if (packet.client_id.empty() && !may_omit_client_id(packet))
    return {reason_code::client_identifier_not_valid,
            "client identifier is missing"};
  if (packet.will)
    return {check_topic_name(packet.will->topic_name, limits.topics),
            "will topic is not valid"};
  return {};
}

void apply_limits(connect_request& request, const session_limits& limits) {
  const auto& packet = request.packet;
  request.keep_alive = packet.keep_alive;
  auto longest = limits.keep_alive_max;
  if (longest
      && (packet.keep_alive == std::chrono::seconds{0}
          || packet.keep_alive > *longest)) {
    request.keep_alive = *longest;
    request.keep_alive_changed = true;
  }
  request.session_expiry = session_expiry(packet, limits);
  request.will_delay = will_delay(packet, limits);
}

} // namespace hetzel::mqtt
