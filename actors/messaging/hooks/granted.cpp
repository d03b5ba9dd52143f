#include "actors/messaging/hooks/granted.hpp"

#include "plugins/api/modifier_rules.hpp"
#include "protocol/property_writer.hpp"
#include "protocol/session/session_expiry.hpp"

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <limits>
#include <utility>

namespace hetzel::messaging {

namespace {

/// Text that a view of the request shall point to.
mqtt::bytes_view keep(mqtt::connect_request& request, std::string text) {
  return request.replaced.emplace_front(std::move(text));
}

/// `max_message_size` counts the Remaining Length, as the key does.
constexpr std::size_t fixed_header_max = 5;

std::string will_properties(const plugins::message_properties& properties) {
  auto coded = plugins::encode(properties);
  if (properties.message_expiry_interval)
    mqtt::property_writer{coded}.integer(
      mqtt::property_id::message_expiry_interval,
      static_cast<std::uint32_t>(properties.message_expiry_interval->count()));
  return coded;
}

} // namespace

void apply(const plugins::register_modifiers& changes,
           mqtt::session_limits& limits) noexcept {
  if (changes.max_message_size && *changes.max_message_size > 0)
    limits.packet_size_max
      = std::min(std::size_t{*changes.max_message_size} + fixed_header_max,
                 mqtt::packet_size_limit);
  if (changes.max_inflight_messages)
    limits.in_flight_max_v3 = *changes.max_inflight_messages;
  if (changes.retry_interval)
    limits.retry_interval
      = std::chrono::ceil<std::chrono::seconds>(*changes.retry_interval);
  if (changes.receive_maximum)
    limits.receive_maximum_server = *changes.receive_maximum;
  if (changes.topic_alias_maximum)
    limits.topic_alias_maximum_in = *changes.topic_alias_maximum;
}

void apply(const plugins::register_modifiers& changes,
           const mqtt::session_limits& limits,
           mqtt::connect_request& request) {
  const bool is_v5 = request.packet.version == mqtt::protocol_version::v5;
  if (changes.user_name)
    request.user_name = *changes.user_name;
  if (changes.clean_session) {
    request.packet.clean_start = *changes.clean_session;
    if (!is_v5)
      request.session_expiry = *changes.clean_session
                                 ? std::optional{std::chrono::seconds{0}}
                                 : limits.persistent_client_expiration;
  }
  if (!is_v5)
    return;
  if (changes.session_expiry_interval)
    request.session_expiry = mqtt::cap_session_expiry(
      mqtt::decode_session_expiry(static_cast<std::uint32_t>(
        changes.session_expiry_interval->count())),
      limits.session_expiry_max);
  plugins::encode(changes.user_properties, request.user_properties);
}

void apply(const plugins::publish_modifiers& changes,
           mqtt::connect_request& request) {
  auto& will = *request.packet.will;
  if (changes.topic_name)
    will.topic_name = keep(request, *changes.topic_name);
  if (changes.payload)
    will.payload = keep(request, *changes.payload);
  if (changes.quality)
    will.quality = *changes.quality;
  if (changes.retain)
    will.retain = *changes.retain;
  if (!changes.properties)
    return;
  will.properties = mqtt::property_view{
    keep(request, will_properties(*changes.properties))};
  if (changes.properties->will_delay_interval)
    request.will_delay = *changes.properties->will_delay_interval;
}

} // namespace hetzel::messaging
