#include "protocol/property_rules.hpp"

#include "protocol/property_writer.hpp"
#include "test/support/hex.hpp"

#include <doctest/doctest.h>

#include <algorithm>

#include <vector>

namespace property_rules_test {

using namespace hetzel::mqtt;
using hetzel::test::hex;
using hetzel::test::to_hex;
using id = property_id;
using type = property_type;
using at = property_place;

namespace {

constexpr auto success = reason_code::success;
constexpr auto malformed = reason_code::malformed_packet;
constexpr auto protocol_fault = reason_code::protocol_error;

reason_code check(bytes_view notation, property_place place) {
  auto coded = hex(notation);
  auto present = check_properties(coded, place);
  return present ? success : present.error();
}

/// Table 2-4 of MQTT 5, written down once more from the text.
struct row {
  id key;
  type coded;
  std::vector<property_place> places;
};

const row table[] = {
  {id::payload_format_indicator, type::byte, {at::publish, at::will}},
  {id::message_expiry_interval,
   type::four_byte_integer,
   {at::publish, at::will}},
  {id::content_type, type::utf8_string, {at::publish, at::will}},
  {id::response_topic, type::utf8_string, {at::publish, at::will}},
  {id::correlation_data, type::binary_data, {at::publish, at::will}},
  {id::subscription_identifier,
   type::variable_byte_integer,
   {at::publish, at::subscribe}},
  {id::session_expiry_interval,
   type::four_byte_integer,
   {at::connect, at::connack, at::disconnect}},
  {id::assigned_client_identifier, type::utf8_string, {at::connack}},
  {id::server_keep_alive, type::two_byte_integer, {at::connack}},
  {id::authentication_method,
   type::utf8_string,
   {at::connect, at::connack, at::auth}},
  {id::authentication_data,
   type::binary_data,
   {at::connect, at::connack, at::auth}},
  {id::request_problem_information, type::byte, {at::connect}},
  {id::will_delay_interval, type::four_byte_integer, {at::will}},
  {id::request_response_information, type::byte, {at::connect}},
  {id::response_information, type::utf8_string, {at::connack}},
  {id::server_reference, type::utf8_string, {at::connack, at::disconnect}},
  {id::reason_string,
   type::utf8_string,
   {at::connack, at::puback, at::pubrec, at::pubrel, at::pubcomp, at::suback,
    at::unsuback, at::disconnect, at::auth}},
  {id::receive_maximum, type::two_byte_integer, {at::connect, at::connack}},
  {id::topic_alias_maximum, type::two_byte_integer, {at::connect, at::connack}},
  {id::topic_alias, type::two_byte_integer, {at::publish}},
  {id::maximum_qos, type::byte, {at::connack}},
  {id::retain_available, type::byte, {at::connack}},
  {id::user_property,
   type::utf8_string_pair,
   {at::will, at::connect, at::connack, at::publish, at::puback, at::pubrec,
    at::pubrel, at::pubcomp, at::subscribe, at::suback, at::unsubscribe,
    at::unsuback, at::disconnect, at::auth}},
  {id::maximum_packet_size,
   type::four_byte_integer,
   {at::connect, at::connack}},
  {id::wildcard_subscription_available, type::byte, {at::connack}},
  {id::subscription_identifier_available, type::byte, {at::connack}},
  {id::shared_subscription_available, type::byte, {at::connack}},
};

constexpr property_place all_places[]
  = {at::will,        at::connect,  at::connack,    at::publish,   at::puback,
     at::pubrec,      at::pubrel,   at::pubcomp,    at::subscribe, at::suback,
     at::unsubscribe, at::unsuback, at::disconnect, at::auth};

/// One property with a value that is valid.
std::string coded(const row& rule) {
  std::string out;
  property_writer to(out);
  switch (rule.coded) {
  case type::utf8_string:
  case type::binary_data:
    to.value(rule.key, "v");
    break;
  case type::utf8_string_pair:
    to.user_property("k", "v");
    break;
  default:
    to.integer(rule.key, 1);
  }
  return out;
}

/// With what AUTH and Authentication Data cannot do without.
std::string completed(const row& rule, property_place place) {
  auto needs_method
    = rule.key != id::authentication_method
      && (place == at::auth || rule.key == id::authentication_data);
  auto bytes = coded(rule);
  if (needs_method && (place == at::auth || place == at::connect))
    property_writer(bytes).value(id::authentication_method, "m");
  return bytes;
}

bool contains(const std::vector<property_place>& places, property_place place) {
  return std::find(places.begin(), places.end(), place) != places.end();
}

} // namespace

TEST_CASE("a property stands only in the packets that the table names "
          "(MQTT 5, table 2-4)") {
  for (auto& rule : table)
    for (auto place : all_places) {
      CAPTURE(static_cast<int>(rule.key));
      CAPTURE(static_cast<int>(place));
      auto bytes = completed(rule, place);
      auto present = check_properties(bytes, place);
      REQUIRE(present.has_value() == contains(rule.places, place));
      if (present)
        CHECK(present->contains(rule.key));
      else
        CHECK(present.error() == malformed);
    }
}

TEST_CASE("a property has the type that the table names "
          "(MQTT 5, table 2-4)") {
  std::size_t known = 0;
  for (unsigned key = 0; key <= 0xFF; ++key)
    known += type_of(static_cast<id>(key)) != type::none ? 1U : 0U;
  CHECK(known == std::size(table));
  for (auto& rule : table)
    CHECK(type_of(rule.key) == rule.coded);
}

TEST_CASE("an identifier that is not in the table is malformed "
          "(MQTT 5, 2.2.2.2)") {
  for (unsigned key = 0; key <= 0xFF; ++key) {
    if (type_of(static_cast<id>(key)) != type::none)
      continue;
    auto byte = static_cast<char>(key);
    auto bytes = std::string(1, byte) + std::string(8, '\0');
    CAPTURE(key);
    CHECK(check_properties(bytes, at::publish).error() == malformed);
  }
  // The identifier is a Variable Byte Integer; 0x81 0x00 is not the way to
  // write 1 [MQTT-1.5.5-1].
  CHECK(check("81 00 01", at::publish) == malformed);
}

TEST_CASE("a property twice is a protocol error, except User Property and "
          "the Subscription Identifiers of PUBLISH (MQTT 5, 2.2.2.2)") {
  for (auto& rule : table)
    for (auto place : rule.places) {
      CAPTURE(static_cast<int>(rule.key));
      CAPTURE(static_cast<int>(place));
      auto twice = completed(rule, place) + coded(rule);
      auto present = check_properties(twice, place);
      auto may
        = rule.key == id::user_property
          || (rule.key == id::subscription_identifier && place == at::publish);
      REQUIRE(present.has_value() == may);
      if (!may)
        CHECK(present.error() == protocol_fault);
    }
}

TEST_CASE("a property cut short is malformed (MQTT 5, 2.2.2)") {
  for (auto& rule : table) {
    auto whole = coded(rule);
    for (std::size_t size = 1; size < whole.size(); ++size) {
      CAPTURE(to_hex(whole.substr(0, size)));
      CHECK(
        check_properties(bytes_view(whole).substr(0, size), rule.places.front())
          .error()
        == malformed);
    }
  }
}

TEST_CASE("flags are 0 or 1, anything else is a protocol error") {
  struct {
    const char* key;
    property_place place;
  } flags[] = {
    {"01", at::publish}, {"17", at::connect}, {"19", at::connect},
    {"24", at::connack}, {"25", at::connack}, {"28", at::connack},
    {"29", at::connack}, {"2A", at::connack},
  };
  for (auto& [key, place] : flags) {
    CAPTURE(key);
    CHECK(check(std::string(key) + "00", place) == success);
    CHECK(check(std::string(key) + "01", place) == success);
    CHECK(check(std::string(key) + "02", place) == protocol_fault);
    CHECK(check(std::string(key) + "FF", place) == protocol_fault);
  }
}

TEST_CASE("some numbers are never 0 (MQTT 5, 3.1.2.11.3, 3.1.2.11.4, "
          "3.8.2.1.2) [MQTT-3.3.2-8]") {
  CHECK(check("21 0000", at::connect) == protocol_fault);
  CHECK(check("21 0001", at::connect) == success);
  CHECK(check("21 FFFF", at::connack) == success);
  CHECK(check("27 00000000", at::connect) == protocol_fault);
  CHECK(check("27 00000001", at::connect) == success);
  CHECK(check("0B 00", at::subscribe) == protocol_fault);
  CHECK(check("0B FFFFFF7F", at::subscribe) == success);
  CHECK(check("23 0000", at::publish) == reason_code::topic_alias_invalid);
  CHECK(check("23 FFFF", at::publish) == success);
  CHECK(check("22 0000", at::connect) == success);
}

TEST_CASE("a number in more bytes than needed is malformed "
          "[MQTT-1.5.5-1]") {
  CHECK(check("0B 81 00", at::subscribe) == malformed);
  CHECK(check("0B FFFFFFFF01", at::subscribe) == malformed);
}

TEST_CASE("text is UTF-8 without NUL, binary data is anything "
          "[MQTT-1.5.4-1] [MQTT-1.5.4-2] [MQTT-1.5.7-1]") {
  for (auto* bad : {"FF", "00", "80"}) {
    auto text = "0001" + std::string(bad);
    CAPTURE(bad);
    CHECK(check("03" + text, at::publish) == malformed);
    CHECK(check("08" + text, at::publish) == malformed);
    CHECK(check("1F" + text, at::puback) == malformed);
    CHECK(check("26" + text + "0000", at::puback) == malformed);
    CHECK(check("26 0000" + text, at::puback) == malformed);
    CHECK(check("09" + text, at::publish) == success);
  }
}

TEST_CASE("a Response Topic is a topic name [MQTT-3.3.2-13] "
          "[MQTT-3.3.2-14]") {
  CHECK(check("08 0003'a/b'", at::publish) == success);
  CHECK(check("08 0003'a/#'", at::publish) == protocol_fault);
  CHECK(check("08 0001'+'", at::will) == protocol_fault);
  CHECK(check("08 0000", at::publish) == protocol_fault);
}

TEST_CASE("Authentication Data needs a method (MQTT 5, 3.1.2.11.10)") {
  CHECK(check("16 0001'd'", at::connect) == protocol_fault);
  CHECK(check("16 0001'd' 15 0001'm'", at::connect) == success);
  CHECK(check("", at::auth) == protocol_fault);
  CHECK(check("1F 0001'r'", at::auth) == protocol_fault);
}

TEST_CASE("the first fault is the one that is told") {
  CHECK(check("01 02 7F", at::publish) == protocol_fault);
  CHECK(check("7F 01 02", at::publish) == malformed);
}

} // namespace property_rules_test
