#include "protocol/reason_code.hpp"

#include "protocol/reason_code_rules.hpp"

#include <doctest/doctest.h>

#include <set>
#include <string>

namespace reason_code_test {

using namespace hetzel::mqtt;

namespace {

constexpr std::string_view unknown = "unknown_reason_code";

/// The codes that a packet type may carry, as "00 10 80 …".
std::string codes_of(packet_type type) {
  constexpr auto digits = "0123456789ABCDEF";
  std::string list;
  for (unsigned code = 0; code <= 0xFF; ++code)
    if (is_allowed_in(type, static_cast<reason_code>(code))) {
      list += list.empty() ? "" : " ";
      list += digits[code >> 4U];
      list += digits[code & 0xFU];
    }
  return list;
}

} // namespace

TEST_CASE("every reason code has a name of its own (MQTT 5, 2.4)") {
  std::set<std::string_view> names;
  for (unsigned code = 0; code <= 0xFF; ++code)
    if (auto name = to_string(static_cast<reason_code>(code)); name != unknown)
      names.insert(name);
  // Table 2-6 with one name for 0x00.
  CHECK(names.size() == 43);
  CHECK(to_string(reason_code::not_authorized) == "not_authorized");
  CHECK(to_string(static_cast<reason_code>(0x03)) == unknown);
  CHECK(to_string(static_cast<reason_code>(0xA3)) == unknown);
}

TEST_CASE("each packet type has its reason codes (MQTT 5, 3.2 to 3.15) "
          "[MQTT-3.2.2-8] [MQTT-3.4.2-1] [MQTT-3.9.3-2]") {
  using enum packet_type;
  CHECK(codes_of(connack)
        == "00 80 81 82 83 84 85 86 87 88 89 8A 8C 90 95 97 99 9A 9B 9C 9D "
           "9F");
  CHECK(codes_of(puback) == "00 10 80 83 87 90 91 97 99");
  CHECK(codes_of(pubrec) == "00 10 80 83 87 90 91 97 99");
  CHECK(codes_of(pubrel) == "00 92");
  CHECK(codes_of(pubcomp) == "00 92");
  CHECK(codes_of(suback) == "00 01 02 80 83 87 8F 91 97 9E A1 A2");
  CHECK(codes_of(unsuback) == "00 11 80 83 87 8F 91");
  CHECK(codes_of(disconnect)
        == "00 04 80 81 82 83 87 89 8B 8C 8D 8E 8F 90 93 94 95 96 97 98 99 "
           "9A 9B 9C 9D 9E 9F A0 A1 A2");
  CHECK(codes_of(auth) == "00 18 19");
  for (auto type : {connect, publish, subscribe, unsubscribe, pingreq})
    CHECK(codes_of(type).empty());
}

TEST_CASE("a refusal in 3.x is the nearest of five return codes "
          "(MQTT 3.1.1, 3.2.2.3)") {
  CHECK(connack_return_code(reason_code::success) == 0);
  CHECK(connack_return_code(reason_code::unsupported_protocol_version) == 1);
  CHECK(connack_return_code(reason_code::client_identifier_not_valid) == 2);
  CHECK(connack_return_code(reason_code::server_busy) == 3);
  CHECK(connack_return_code(reason_code::bad_user_name_or_password) == 4);
  CHECK(connack_return_code(reason_code::not_authorized) == 5);
  CHECK(connack_return_code(reason_code::banned) == 5);
  for (unsigned code = 0x80; code <= 0xFF; ++code) {
    auto value = connack_return_code(static_cast<reason_code>(code));
    CHECK(value >= 1);
    CHECK(value <= 5);
  }
}

TEST_CASE("codes from 0x80 on are errors (MQTT 5, 2.4)") {
  CHECK(!is_error(reason_code::reauthenticate));
  CHECK(is_error(reason_code::unspecified_error));
  CHECK(is_error(static_cast<reason_code>(0xFF)));
}

} // namespace reason_code_test
