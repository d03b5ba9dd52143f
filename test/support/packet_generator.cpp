#include "test/support/packet_generator.hpp"

#include "protocol/property_writer.hpp"
#include "protocol/reason_code_rules.hpp"

#include <algorithm>
#include <array>

namespace hetzel::test {

using namespace mqtt;

namespace {

constexpr auto v3_1 = protocol_version::v3_1;
constexpr auto v5 = protocol_version::v5;

constexpr std::array<std::string_view, 6> letters
  = {"a", "Z", "/", "ä", "€", "😀"};

/// CONNACK of 3.x has six return codes, SUBACK four.
bool exists_in(packet_type type, reason_code code, protocol_version version) {
  if (!is_allowed_in(type, code))
    return false;
  if (version == v5)
    return true;
  if (type == packet_type::suback)
    return !is_error(code) || code == reason_code::unspecified_error;
  return code == reason_code::success || code == reason_code::server_unavailable
         || code == reason_code::not_authorized
         || code == reason_code::bad_user_name_or_password
         || code == reason_code::client_identifier_not_valid
         || code == reason_code::unsupported_protocol_version;
}

} // namespace

// -- building blocks ---------------------------------------------------------

std::uint32_t packet_generator::number(std::uint32_t limit) {
  return std::uniform_int_distribution<std::uint32_t>(0, limit)(random_);
}

bool packet_generator::chance(std::uint32_t percent) {
  return number(99) < percent;
}

bytes_view packet_generator::keep(std::string bytes) {
  return bytes_.emplace_back(std::move(bytes));
}

bytes_view packet_generator::text(std::uint32_t length_max) {
  std::string made;
  for (auto left = number(length_max); left > 0; --left)
    made += letters[number(letters.size() - 1)];
  return keep(std::move(made));
}

bytes_view packet_generator::binary(std::uint32_t length_max) {
  std::string made(number(length_max), '\0');
  for (auto& byte : made)
    byte = static_cast<char>(number(255));
  return keep(std::move(made));
}

packet_id packet_generator::id() {
  return static_cast<packet_id>(1 + number(65'534));
}

qos packet_generator::quality() {
  return static_cast<qos>(number(2));
}

reason_code packet_generator::code(packet_type type, protocol_version version) {
  for (;;) {
    auto code = static_cast<reason_code>(number(255));
    if (chance(30))
      code = reason_code::success;
    if (exists_in(type, code, version))
      return code;
  }
}

void packet_generator::add_property(std::string& out, property_id id) {
  property_writer to(out);
  auto& rule = rule_of(id);
  switch (rule.type) {
  case property_type::none:
    break;
  case property_type::utf8_string:
    to.value(id, id == property_id::response_topic ? "reply" : text());
    break;
  case property_type::binary_data:
    to.value(id, binary());
    break;
  case property_type::utf8_string_pair:
    to.user_property(text(), text());
    break;
  case property_type::byte:
  case property_type::two_byte_integer:
  case property_type::four_byte_integer:
  case property_type::variable_byte_integer:
    to.integer(id, rule.minimum + number(rule.maximum - rule.minimum));
    break;
  }
}

property_view packet_generator::properties(property_place place,
                                           protocol_version version) {
  constexpr property_set own_fields
    = {property_id::topic_alias, property_id::message_expiry_interval};
  std::string coded;
  if (version != v5 || (place != property_place::auth && chance(40)))
    return {};
  std::vector<property_id> order;
  for (unsigned id = 0; id < 0x40; ++id)
    order.push_back(static_cast<property_id>(id));
  std::shuffle(order.begin(), order.end(), random_);
  auto has_method = false;
  for (auto id : order) {
    auto is_own = place == property_place::publish && own_fields.contains(id);
    auto is_needed = place == property_place::auth
                     && id == property_id::authentication_method;
    if (!rule_of(id).allows(place) || is_own || (!is_needed && chance(60)))
      continue;
    if (id == property_id::authentication_data
        && place == property_place::connect && !has_method)
      continue;
    has_method |= id == property_id::authentication_method;
    auto copies = may_repeat(id, place) ? 1 + number(2) : 1;
    for (; copies > 0; --copies)
      add_property(coded, id);
  }
  return property_view(keep(std::move(coded)));
}

// -- packets -----------------------------------------------------------------

control_packet packet_generator::packet(packet_type type,
                                        protocol_version version) {
  switch (type) {
  case packet_type::connect:
    return connect(version);
  case packet_type::connack:
    return connack(version);
  case packet_type::publish:
    return publish(version);
  case packet_type::puback:
    return puback{reply(type, version)};
  case packet_type::pubrec:
    return pubrec{reply(type, version)};
  case packet_type::pubrel:
    return pubrel{reply(type, version)};
  case packet_type::pubcomp:
    return pubcomp{reply(type, version)};
  case packet_type::subscribe:
    return subscribe(version);
  case packet_type::suback:
    return suback(version);
  case packet_type::unsubscribe:
    return unsubscribe(version);
  case packet_type::unsuback:
    return unsuback(version);
  case packet_type::pingreq:
    return pingreq{};
  case packet_type::pingresp:
    return pingresp{};
  case packet_type::disconnect:
    return disconnect(version);
  case packet_type::auth:
    break;
  }
  return auth();
}

will packet_generator::will(protocol_version version) {
  return {text(), binary(), quality(), chance(50),
          properties(property_place::will, version)};
}

connect packet_generator::connect(protocol_version version) {
  mqtt::connect made;
  made.version = version;
  made.is_bridge = version != v5 && chance(30);
  made.clean_start = chance(50);
  made.keep_alive = std::chrono::seconds(number(65'535));
  made.client_id = text(23);
  if (chance(50))
    made.will = will(version);
  if (chance(50))
    made.user_name = text();
  // Only 5.0 has a password without a user name [MQTT-3.1.2-22].
  if ((made.user_name || version == v5) && chance(50))
    made.password = binary();
  made.properties = properties(property_place::connect, version);
  return made;
}

connack packet_generator::connack(protocol_version version) {
  mqtt::connack made;
  made.code = code(packet_type::connack, version);
  made.session_present
    = made.code == reason_code::success && version != v3_1 && chance(50);
  made.properties = properties(property_place::connack, version);
  return made;
}

publish packet_generator::publish(protocol_version version) {
  mqtt::publish made;
  made.quality = quality();
  made.retain = chance(50);
  if (made.quality != qos::at_most_once) {
    made.dup = chance(50);
    made.id = id();
  }
  made.topic_name = keep("t" + std::string(text(30)));
  if (version == v5 && chance(30)) {
    made.topic_alias = id();
    if (chance(50))
      made.topic_name = {};
  }
  if (version == v5 && chance(30))
    made.expiry_interval = std::chrono::seconds(number(0xFFFF'FFFF));
  made.properties = properties(property_place::publish, version);
  made.payload = binary(300);
  return made;
}

publish_reply packet_generator::reply(packet_type type,
                                      protocol_version version) {
  if (version != v5)
    return {id(), reason_code::success, {}};
  return {id(), code(type, version), properties(place_of(type), version)};
}

subscribe packet_generator::subscribe(protocol_version version) {
  mqtt::subscribe made;
  made.id = id();
  made.properties = properties(property_place::subscribe, version);
  made.subscription_id
    = made.properties.integer(property_id::subscription_identifier).value_or(0);
  for (auto left = 1 + number(4); left > 0; --left) {
    subscription_options options{quality(), false, false, {}};
    if (version == v5)
      options = {options.quality, chance(50), chance(50),
                 static_cast<retain_handling>(number(2))};
    made.entries.push_back({text(), options});
  }
  return made;
}

suback packet_generator::suback(protocol_version version) {
  mqtt::suback made;
  made.id = id();
  made.properties = properties(property_place::suback, version);
  for (auto left = 1 + number(4); left > 0; --left)
    made.codes.push_back(code(packet_type::suback, version));
  return made;
}

unsubscribe packet_generator::unsubscribe(protocol_version version) {
  mqtt::unsubscribe made;
  made.id = id();
  made.properties = properties(property_place::unsubscribe, version);
  for (auto left = 1 + number(4); left > 0; --left)
    made.topic_filters.push_back(text());
  return made;
}

unsuback packet_generator::unsuback(protocol_version version) {
  mqtt::unsuback made;
  made.id = id();
  made.properties = properties(property_place::unsuback, version);
  if (version == v5)
    for (auto left = 1 + number(4); left > 0; --left)
      made.codes.push_back(code(packet_type::unsuback, version));
  return made;
}

disconnect packet_generator::disconnect(protocol_version version) {
  if (version != v5)
    return {};
  return {code(packet_type::disconnect, version),
          properties(property_place::disconnect, version)};
}

auth packet_generator::auth() {
  return {code(packet_type::auth, v5), properties(property_place::auth, v5)};
}

} // namespace hetzel::test
