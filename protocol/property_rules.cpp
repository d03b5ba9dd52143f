#include "protocol/property_rules.hpp"

#include "protocol/read_property.hpp"
#include "protocol/reader.hpp"

#include <array>
#include <cstddef>
#include <limits>

namespace hetzel::mqtt {

namespace {

using id = property_id;
using type = property_type;

template <class... Places>
constexpr std::uint16_t in(Places... places) {
  return static_cast<std::uint16_t>(
    (0 | ... | (1U << static_cast<unsigned>(places))));
}

constexpr auto everywhere = static_cast<std::uint16_t>(
  0xFFFF & ~in(packet_type::pingreq, packet_type::pingresp));

constexpr auto any_16 = std::numeric_limits<std::uint16_t>::max();
constexpr auto any_32 = std::numeric_limits<std::uint32_t>::max();

/// The rules, by identifier. Strings and binary data have no bounds.
constexpr auto rules = [] {
  using enum property_place;
  std::array<property_rule, 0x2B> table{};
  auto number = [&](id key, type coded, std::uint16_t places,
                    std::uint32_t minimum, std::uint32_t maximum) {
    table[static_cast<std::size_t>(key)] = {coded, places, minimum, maximum};
  };
  auto flag = [&](id key, std::uint16_t places) {
    number(key, type::byte, places, 0, 1);
  };
  auto text = [&](id key, std::uint16_t places) {
    number(key, type::utf8_string, places, 0, 0);
  };
  auto bytes = [&](id key, std::uint16_t places) {
    number(key, type::binary_data, places, 0, 0);
  };
  constexpr auto two = type::two_byte_integer;
  constexpr auto four = type::four_byte_integer;
  constexpr auto message = in(publish, will);
  constexpr auto opening = in(connect, connack);

  flag(id::payload_format_indicator, message);
  number(id::message_expiry_interval, four, message, 0, any_32);
  text(id::content_type, message);
  text(id::response_topic, message);
  bytes(id::correlation_data, message);
  number(id::subscription_identifier, type::variable_byte_integer,
         in(publish, subscribe), 1, remaining_length_max);
  number(id::session_expiry_interval, four, opening | in(disconnect), 0,
         any_32);
  text(id::assigned_client_identifier, in(connack));
  number(id::server_keep_alive, two, in(connack), 0, any_16);
  text(id::authentication_method, opening | in(auth));
  bytes(id::authentication_data, opening | in(auth));
  flag(id::request_problem_information, in(connect));
  number(id::will_delay_interval, four, in(will), 0, any_32);
  flag(id::request_response_information, in(connect));
  text(id::response_information, in(connack));
  text(id::server_reference, in(connack, disconnect));
  text(id::reason_string, in(connack, puback, pubrec, pubrel, pubcomp, suback,
                             unsuback, disconnect, auth));
  number(id::receive_maximum, two, opening, 1, any_16);
  number(id::topic_alias_maximum, two, opening, 0, any_16);
  number(id::topic_alias, two, in(publish), 1, any_16);
  flag(id::maximum_qos, in(connack));
  flag(id::retain_available, in(connack));
  number(id::user_property, type::utf8_string_pair, everywhere, 0, 0);
  number(id::maximum_packet_size, four, opening, 1, any_32);
  flag(id::wildcard_subscription_available, in(connack));
  flag(id::subscription_identifier_available, in(connack));
  flag(id::shared_subscription_available, in(connack));
  return table;
}();

bool is_well_formed(const property& item, type coded) noexcept {
  if (coded == type::utf8_string_pair && !is_valid_utf8(item.name))
    return false;
  return coded == type::binary_data || is_valid_utf8(item.value);
}

/// `success`, or what is wrong with the value.
reason_code check_value(const property& item,
                        const property_rule& rule) noexcept {
  if (!is_well_formed(item, rule.type))
    return reason_code::malformed_packet;
  if (item.integer < rule.minimum || item.integer > rule.maximum)
    return item.id == id::topic_alias ? reason_code::topic_alias_invalid
                                      : reason_code::protocol_error;
  if (item.id == id::response_topic
      && (item.value.empty()
          || item.value.find_first_of("+#") != bytes_view::npos))
    return reason_code::protocol_error;
  return reason_code::success;
}

/// Authentication Data means nothing without its method, and AUTH is nothing
/// but a step of a method (3.1.2.11.10, 3.15.2.2.2).
bool has_needed_method(property_set present, property_place place) noexcept {
  if (present.contains(id::authentication_method))
    return true;
  return place != property_place::auth
         && (place != property_place::connect
             || !present.contains(id::authentication_data));
}

} // namespace

const property_rule& rule_of(property_id id) noexcept {
  static constexpr property_rule unknown{};
  auto index = static_cast<std::size_t>(id);
  return index < rules.size() ? rules[index] : unknown;
}

property_type type_of(property_id id) noexcept {
  return rule_of(id).type;
}

bool may_repeat(property_id id, property_place place) noexcept {
  return id == property_id::user_property
         || (id == property_id::subscription_identifier
             && place == property_place::publish);
}

expected<property_set, reason_code>
check_properties(bytes_view coded, property_place place) noexcept {
  property_set present;
  reader in(coded);
  while (!in.at_end()) {
    property item;
    item.id = read_property_id(in);
    auto& rule = rule_of(item.id);
    read_value(in, rule.type, item);
    in.require(rule.allows(place), reason_code::malformed_packet);
    if (present.contains(item.id) && !may_repeat(item.id, place))
      in.fail(reason_code::protocol_error);
    if (auto fault = check_value(item, rule); is_error(fault))
      in.fail(fault);
    present.insert(item.id);
  }
  if (!has_needed_method(present, place))
    in.fail(reason_code::protocol_error);
  if (in.has_failed())
    return unexpected(in.fault());
  return present;
}

} // namespace hetzel::mqtt
