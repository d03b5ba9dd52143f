#include "plugins/api/modifier_value.hpp"

#include "plugins/api/modifier_reading.hpp"

#include <array>
#include <span>

namespace hetzel::plugins {

namespace {

using std::chrono::seconds;

// -- properties ---------------------------------------------------------------

using properties_row = modifier_row<message_properties>;

bool store_format(message_properties& to, const modifier_value& from) {
  std::string word;
  if (!read(from, word) || (word != "utf8" && word != "undefined"))
    return false;
  to.payload_format_indicator = word == "utf8";
  return true;
}

/// The first five are those that `on_deliver` may change too.
constexpr std::array property_rows{
  properties_row{"p_user_property",
                 &store<&message_properties::user_properties>},
  properties_row{"p_content_type", &store<&message_properties::content_type>},
  properties_row{"p_payload_format_indicator", &store_format},
  properties_row{"p_response_topic",
                 &store<&message_properties::response_topic>},
  properties_row{"p_correlation_data",
                 &store<&message_properties::correlation_data>},
  properties_row{"p_message_expiry_interval",
                 &store<&message_properties::message_expiry_interval>},
  properties_row{"p_will_delay_interval",
                 &store<&message_properties::will_delay_interval>},
};
constexpr std::size_t deliver_properties = 5;

template <class Target, std::size_t Count>
bool store_properties(Target& to, const modifier_value& from) {
  const auto* const map = std::get_if<modifier_value::map>(&from.content);
  const auto rows = std::span{property_rows}.first(Count);
  return map && read_all(*map, rows, to.properties.emplace()).has_value();
}

// -- auth_on_register ---------------------------------------------------------

using register_row = modifier_row<register_modifiers>;

bool store_identity_part(register_modifiers& to, const modifier_value& from,
                         std::string subscriber_id::*part) {
  if (!to.identity)
    to.identity.emplace();
  return read(from, (*to.identity).*part);
}

bool store_client_id(register_modifiers& to, const modifier_value& from) {
  return store_identity_part(to, from, &subscriber_id::client_id);
}

bool store_mountpoint(register_modifiers& to, const modifier_value& from) {
  return store_identity_part(to, from, &subscriber_id::mountpoint);
}

constexpr std::array session_property_rows{
  register_row{"p_user_property",
               &store<&register_modifiers::user_properties>},
  register_row{"p_session_expiry_interval",
               &store<&register_modifiers::session_expiry_interval>},
};

bool store_session_properties(register_modifiers& to,
                              const modifier_value& from) {
  const auto* const map = std::get_if<modifier_value::map>(&from.content);
  return map && read_all(*map, session_property_rows, to).has_value();
}

/// The last two are 5.0's.
constexpr std::array register_rows{
  register_row{"subscriber_id", &store<&register_modifiers::identity>},
  register_row{"client_id", &store_client_id},
  register_row{"mountpoint", &store_mountpoint},
  register_row{"username", &store<&register_modifiers::user_name>},
  register_row{"clean_session", &store<&register_modifiers::clean_session>},
  register_row{"allow_register", &store<&register_modifiers::allow_register>},
  register_row{"allow_publish", &store<&register_modifiers::allow_publish>},
  register_row{"allow_subscribe",
               &store<&register_modifiers::allow_subscribe>},
  register_row{"allow_unsubscribe",
               &store<&register_modifiers::allow_unsubscribe>},
  register_row{"max_message_size",
               &store<&register_modifiers::max_message_size>},
  register_row{"max_message_rate",
               &store<&register_modifiers::max_message_rate>},
  register_row{"max_connection_lifetime",
               &store<&register_modifiers::max_connection_lifetime>},
  register_row{"max_inflight_messages",
               &store<&register_modifiers::max_inflight_messages>},
  register_row{"retry_interval", &store<&register_modifiers::retry_interval>},
  register_row{"upgrade_qos", &store<&register_modifiers::upgrade_qos>},
  register_row{"shared_subscription_policy",
               &store<&register_modifiers::shares>},
  register_row{"max_online_messages",
               &store<&register_modifiers::max_online_messages>},
  register_row{"max_offline_messages",
               &store<&register_modifiers::max_offline_messages>},
  register_row{"queue_type", &store<&register_modifiers::queue>},
  register_row{"max_drain_time", &store<&register_modifiers::max_drain_time>},
  register_row{"max_msgs_per_drain_step",
               &store<&register_modifiers::max_msgs_per_drain_step>},
  register_row{"clean_start", &store<&register_modifiers::clean_session>},
  register_row{"properties", &store_session_properties},
};
constexpr std::size_t register_v5_rows = 2;

bool has(const modifier_value::map& from, std::string_view name) {
  for (const auto& one : from)
    if (one.first == name)
      return true;
  return false;
}

// -- auth_on_publish, on_deliver, on_auth -------------------------------------

using publish_row = modifier_row<publish_modifiers>;

/// The last one is 5.0's, here and below.
constexpr std::array publish_rows{
  publish_row{"topic", &store<&publish_modifiers::topic_name>},
  publish_row{"payload", &store<&publish_modifiers::payload>},
  publish_row{"qos", &store<&publish_modifiers::quality>},
  publish_row{"retain", &store<&publish_modifiers::retain>},
  publish_row{"mountpoint", &store<&publish_modifiers::mountpoint>},
  publish_row{"throttle", &store<&publish_modifiers::throttle>},
  publish_row{"properties",
              &store_properties<publish_modifiers, property_rows.size()>},
};

using deliver_row = modifier_row<deliver_modifiers>;

constexpr std::array deliver_rows{
  deliver_row{"topic", &store<&deliver_modifiers::topic_name>},
  deliver_row{"payload", &store<&deliver_modifiers::payload>},
  deliver_row{"properties",
              &store_properties<deliver_modifiers, deliver_properties>},
};

using auth_row = modifier_row<auth_modifiers>;

constexpr std::array auth_property_rows{
  auth_row{"p_authentication_method", &store<&auth_modifiers::method>},
  auth_row{"p_authentication_data", &store<&auth_modifiers::data>},
};

bool store_auth_properties(auth_modifiers& to, const modifier_value& from) {
  const auto* const map = std::get_if<modifier_value::map>(&from.content);
  return map && read_all(*map, auth_property_rows, to).has_value();
}

constexpr std::array auth_rows{
  auth_row{"reason_code", &store<&auth_modifiers::code>},
  auth_row{"properties", &store_auth_properties},
};

template <class Modifiers, class Rows>
parsed_modifiers<Modifiers> parse(const modifier_value::map& from,
                                  const Rows& rows, std::size_t count) {
  Modifiers made;
  if (auto all = read_all(from, std::span{rows}.first(count), made); !all)
    return mqtt::unexpected(std::move(all.error()));
  return made;
}

std::size_t rows_of(hook_form form, std::size_t all,
                    std::size_t only_v5) noexcept {
  return form == hook_form::v5 ? all : all - only_v5;
}

// -- lists of topics ----------------------------------------------------------

using topic_row = modifier_row<topic_choice>;

template <auto Member>
bool store_option(topic_choice& to, const modifier_value& from) {
  if (!to.options)
    to.options.emplace();
  return read(from, (*to.options).*Member);
}

constexpr std::array topic_rows{
  topic_row{"topic", &store<&topic_choice::topic_filter>},
  topic_row{"qos", &store<&topic_choice::code>},
  topic_row{"no_local",
            &store_option<&mqtt::subscription_options::no_local>},
  topic_row{"rap",
            &store_option<&mqtt::subscription_options::retain_as_published>},
  topic_row{"retain_handling",
            &store_option<&mqtt::subscription_options::handling>},
};
constexpr std::size_t topic_v5_rows = 3;

/// [filter, qos], [filter, qos, options] or [filter, [qos, options]].
bool read_choice(const modifier_value::list& from,
                 std::span<const topic_row> rows, topic_choice& to) {
  if (from.size() < 2 || from.size() > 3 || !read(from[0], to.topic_filter))
    return false;
  if (const auto* nested = std::get_if<modifier_value::list>(&from[1].content))
    return from.size() == 2 && !nested->empty() && nested->size() <= 2
           && read_choice([&] {
                auto flat = *nested;
                flat.insert(flat.begin(), from[0]);
                return flat;
              }(), rows, to);
  if (!read(from[1], to.code))
    return false;
  if (from.size() == 2)
    return true;
  const auto* options = std::get_if<modifier_value::map>(&from[2].content);
  return options && read_all(*options, rows, to).has_value();
}

bool read_choice(const modifier_value& from, std::span<const topic_row> rows,
                 topic_choice& to) {
  if (const auto* list = std::get_if<modifier_value::list>(&from.content))
    return read_choice(*list, rows, to);
  const auto* map = std::get_if<modifier_value::map>(&from.content);
  return map && has(*map, "topic") && has(*map, "qos")
         && read_all(*map, rows, to).has_value();
}

} // namespace

parsed_modifiers<register_modifiers>
parse_register_modifiers(const modifier_value::map& from, hook_form form) {
  auto made = parse<register_modifiers>(
    from, register_rows,
    rows_of(form, register_rows.size(), register_v5_rows));
  // One without the other has no effect.
  if (made && !has(from, "subscriber_id")
      && has(from, "client_id") != has(from, "mountpoint"))
    made->identity.reset();
  return made;
}

parsed_modifiers<publish_modifiers>
parse_publish_modifiers(const modifier_value::map& from, hook_form form) {
  return parse<publish_modifiers>(from, publish_rows,
                                  rows_of(form, publish_rows.size(), 1));
}

parsed_modifiers<deliver_modifiers>
parse_deliver_modifiers(const modifier_value::map& from, hook_form form) {
  return parse<deliver_modifiers>(from, deliver_rows,
                                  rows_of(form, deliver_rows.size(), 1));
}

parsed_modifiers<auth_modifiers>
parse_auth_modifiers(const modifier_value::map& from) {
  return parse<auth_modifiers>(from, auth_rows, auth_rows.size());
}

parsed_modifiers<subscribe_modifiers>
parse_subscribe_modifiers(const modifier_value::list& from, hook_form form) {
  const auto rows = std::span{topic_rows}.first(
    rows_of(form, topic_rows.size(), topic_v5_rows));
  subscribe_modifiers made;
  for (const auto& one : from)
    if (!read_choice(one, rows, made.topics.emplace_back()))
      return mqtt::unexpected(
        std::string{"can't validate modifier topics: an entry does not fit"});
  return made;
}

parsed_modifiers<unsubscribe_modifiers>
parse_unsubscribe_modifiers(const modifier_value::list& from) {
  unsubscribe_modifiers made;
  for (const auto& one : from)
    if (!read(one, made.topic_filters.emplace_back()))
      return mqtt::unexpected(
        std::string{"can't validate modifier topics: an entry is no text"});
  return made;
}

} // namespace hetzel::plugins
