#include "plugins/api/modifier_rules.hpp"

#include "protocol/property_writer.hpp"
#include "protocol/utf8.hpp"

#include <algorithm>
#include <limits>
#include <optional>
#include <string>

namespace hetzel::plugins {

namespace {

constexpr std::size_t text_size_max = 65'535;
constexpr std::int64_t four_bytes_max
  = std::numeric_limits<std::uint32_t>::max();
constexpr std::chrono::milliseconds throttle_max{60'000};

bool is_text(std::string_view text) noexcept {
  return text.size() <= text_size_max && mqtt::is_valid_utf8(text);
}

bool is_text(const std::optional<std::string>& text) noexcept {
  return !text || is_text(std::string_view{*text});
}

bool fits_four_bytes(
  const std::optional<std::chrono::seconds>& span) noexcept {
  return !span || (span->count() >= 0 && span->count() <= four_bytes_max);
}

bool are_texts(const user_properties& properties) noexcept {
  return std::all_of(properties.begin(), properties.end(), [](const auto& one) {
    return is_text(std::string_view{one.first})
           && is_text(std::string_view{one.second});
  });
}

bool is_topic_name(const std::optional<std::string>& name,
                   const mqtt::topic_limits& limits) noexcept {
  return !name
         || (is_text(std::string_view{*name})
             && !mqtt::is_error(mqtt::check_topic_name(*name, limits)));
}

bool is_topic_filter(std::string_view filter,
                     const mqtt::topic_limits& limits) noexcept {
  return is_text(filter) && mqtt::parse_topic_filter(filter, limits);
}

modifier_fault
check_properties(const std::optional<message_properties>& properties,
                 const mqtt::topic_limits& limits) noexcept {
  if (!properties)
    return {};
  if (!is_text(properties->content_type))
    return "content type is not valid";
  if (!is_topic_name(properties->response_topic, limits))
    return "response topic is not valid";
  if (properties->correlation_data
      && properties->correlation_data->size() > text_size_max)
    return "correlation data is too long";
  if (!are_texts(properties->user_properties))
    return "a user property is not valid";
  if (!fits_four_bytes(properties->message_expiry_interval)
      || !fits_four_bytes(properties->will_delay_interval))
    return "an interval is out of range";
  return {};
}

bool is_payload(const std::optional<std::string>& payload) noexcept {
  return !payload || payload->size() <= mqtt::remaining_length_max;
}

bool is_grant_or_error(mqtt::reason_code code) noexcept {
  return code <= mqtt::reason_code::granted_qos_2 || mqtt::is_error(code);
}

} // namespace

modifier_fault check(const register_modifiers& changes) noexcept {
  if (changes.identity
      && (changes.identity->client_id.empty()
          || !is_text(std::string_view{changes.identity->client_id})
          || !is_text(std::string_view{changes.identity->mountpoint})))
    return "subscriber_id is not valid";
  if (!is_text(changes.user_name))
    return "username is not valid";
  if (changes.max_connection_lifetime
      && changes.max_connection_lifetime->count() < 0)
    return "max_connection_lifetime is negative";
  if (changes.retry_interval && changes.retry_interval->count() < 0)
    return "retry_interval is negative";
  if (!fits_four_bytes(changes.session_expiry_interval))
    return "p_session_expiry_interval is out of range";
  if (changes.receive_maximum == std::uint16_t{0})
    return "receive maximum is zero";
  if (!are_texts(changes.user_properties))
    return "p_user_property is not valid";
  if (!is_text(changes.response_information))
    return "response information is not valid";
  return {};
}

modifier_fault check(const publish_modifiers& changes,
                     const mqtt::topic_limits& limits) noexcept {
  if (!is_topic_name(changes.topic_name, limits))
    return "topic is not valid";
  if (!is_payload(changes.payload))
    return "payload is too long";
  if (changes.quality && *changes.quality > mqtt::qos::exactly_once)
    return "qos is not 0, 1 or 2";
  if (!is_text(changes.mountpoint))
    return "mountpoint is not valid";
  if (changes.throttle
      && (changes.throttle->count() < 0 || *changes.throttle > throttle_max))
    return "throttle is not within a minute";
  return check_properties(changes.properties, limits);
}

modifier_fault check(const subscribe_modifiers& changes,
                     const mqtt::topic_limits& limits) noexcept {
  for (const auto& one : changes.topics) {
    if (!is_topic_filter(one.topic_filter, limits))
      return "a topic is not valid";
    if (!is_grant_or_error(one.code))
      return "a qos is not 0, 1, 2 or an error";
  }
  return {};
}

modifier_fault check(const unsubscribe_modifiers& changes,
                     const mqtt::topic_limits& limits) noexcept {
  for (const auto& one : changes.topic_filters)
    if (!is_topic_filter(one, limits))
      return "a topic is not valid";
  return {};
}

modifier_fault check(const deliver_modifiers& changes,
                     const mqtt::topic_limits& limits) noexcept {
  if (!is_topic_name(changes.topic_name, limits))
    return "topic is not valid";
  if (!is_payload(changes.payload))
    return "payload is too long";
  return check_properties(changes.properties, limits);
}

modifier_fault check(const auth_modifiers& changes,
                     mqtt::bytes_view method) noexcept {
  if (changes.code != mqtt::reason_code::success
      && changes.code != mqtt::reason_code::continue_authentication)
    return "reason_code is neither 0 nor 24";
  if (changes.method && *changes.method != method)
    return "p_authentication_method is not the client's";
  if (changes.data.size() > text_size_max)
    return "p_authentication_data is too long";
  return {};
}

void encode(const user_properties& properties, std::string& out) {
  mqtt::property_writer to{out};
  for (const auto& [name, text] : properties)
    to.user_property(name, text);
}

std::string encode(const message_properties& properties) {
  using mqtt::property_id;
  std::string coded;
  mqtt::property_writer to{coded};
  if (properties.payload_format_indicator)
    to.integer(property_id::payload_format_indicator,
               *properties.payload_format_indicator ? 1 : 0);
  if (properties.content_type)
    to.value(property_id::content_type, *properties.content_type);
  if (properties.response_topic)
    to.value(property_id::response_topic, *properties.response_topic);
  if (properties.correlation_data)
    to.value(property_id::correlation_data, *properties.correlation_data);
  encode(properties.user_properties, coded);
  return coded;
}

} // namespace hetzel::plugins
