#include "protocol/session/connect_rules.hpp"

#include "protocol/property_writer.hpp"
#include "test/support/hex.hpp"

#include <doctest/doctest.h>

#include <string>

namespace session_connect_rules_test {

using namespace hetzel::mqtt;
using namespace std::chrono_literals;
using hetzel::test::hex;

namespace {

connect connect_of(protocol_version version, bytes_view client_id = "c") {
  connect packet;
  packet.version = version;
  packet.client_id = client_id;
  return packet;
}

connect with_will(bytes_view topic_name) {
  auto packet = connect_of(protocol_version::v5);
  packet.will = will{topic_name, "gone", qos::at_most_once, false, {}};
  return packet;
}

connect_request applied(const connect& packet, const session_limits& limits) {
  connect_request request;
  request.packet = packet;
  apply_limits(request, limits);
  return request;
}

std::string integer_property(property_id id, std::uint32_t value) {
  std::string coded;
  property_writer{coded}.integer(id, value);
  return coded;
}

connect with_expiry(const std::string& coded) {
  auto packet = connect_of(protocol_version::v5);
  packet.properties = property_view{coded};
  return packet;
}

} // namespace

TEST_CASE("the version a peer understands is told by the first bytes of "
          "CONNECT, whatever follows") {
  CHECK(sniff_protocol(hex("0006 'MQIsdp'")) == spoken_protocol::v3);
  CHECK(sniff_protocol(hex("0004 'MQTT' 03")) == spoken_protocol::v3);
  CHECK(sniff_protocol(hex("0004 'MQTT' 04 FF FF")) == spoken_protocol::v3);
  CHECK(sniff_protocol(hex("0004 'MQTT' 84")) == spoken_protocol::v3);
  CHECK(sniff_protocol(hex("0004 'MQTT' 05")) == spoken_protocol::v5);
  CHECK(sniff_protocol(hex("0004 'MQTT' 06")) == spoken_protocol::v5);
}

TEST_CASE("too few bytes, or another protocol's, tell no version") {
  CHECK(sniff_protocol("") == spoken_protocol::unknown);
  CHECK(sniff_protocol(hex("0004 'MQTT'")) == spoken_protocol::unknown);
  CHECK(sniff_protocol(hex("0006 'MQIsd'")) == spoken_protocol::unknown);
  CHECK(sniff_protocol(hex("0004 'MQTX' 05")) == spoken_protocol::unknown);
  CHECK(sniff_protocol(hex("0005 'MQTT' 05")) == spoken_protocol::unknown);
}

TEST_CASE("a version that the listener does not allow is refused "
          "[MQTT-3.1.2-2]") {
  session_limits limits;
  limits.allowed_versions = {false, true, false, true, true};
  auto code = [&](protocol_version version, bool is_bridge) {
    auto packet = connect_of(version);
    packet.is_bridge = is_bridge;
    return check_connect(packet, limits).code;
  };
  constexpr auto refused = reason_code::unsupported_protocol_version;
  CHECK(code(protocol_version::v3_1, false) == refused);
  CHECK(code(protocol_version::v3_1, true) == reason_code::success);
  CHECK(code(protocol_version::v3_1_1, false) == reason_code::success);
  CHECK(code(protocol_version::v3_1_1, true) == reason_code::success);
  CHECK(code(protocol_version::v5, false) == refused);
  limits.allowed_versions.v3_1_1_bridge = false;
  CHECK(code(protocol_version::v3_1_1, true) == refused);
}

TEST_CASE("the longest client id is allowed, a longer one is not "
          "[MQTT-3.1.3-8]") {
  session_limits limits;
  limits.client_id_size_max = 3;
  auto code = [&](bytes_view client_id) {
    return check_connect(connect_of(protocol_version::v5, client_id), limits)
      .code;
  };
  CHECK(code("abc") == reason_code::success);
  CHECK(code("abcd") == reason_code::client_identifier_not_valid);
}

TEST_CASE("who may come without a client id depends on the version "
          "[MQTT-3.1.3-6] [3.1.1 MQTT-3.1.3-8]") {
  auto is_refused = [](protocol_version version, bool clean_start) {
    auto packet = connect_of(version, "");
    packet.clean_start = clean_start;
    return check_connect(packet, {}).code
           == reason_code::client_identifier_not_valid;
  };
  CHECK_FALSE(is_refused(protocol_version::v5, true));
  CHECK_FALSE(is_refused(protocol_version::v5, false));
  CHECK_FALSE(is_refused(protocol_version::v3_1_1, true));
  CHECK(is_refused(protocol_version::v3_1_1, false));
  CHECK(is_refused(protocol_version::v3_1, true));
}

TEST_CASE("a will goes to a topic name, not to a filter") {
  session_limits limits;
  limits.topics.depth_max = 2;
  CHECK(check_connect(with_will("a/b"), limits).code == reason_code::success);
  for (auto* topic_name : {"a/#", "+", "", "a/b/c"})
    CHECK(check_connect(with_will(topic_name), limits).code
          == reason_code::topic_name_invalid);
}

TEST_CASE("a keep alive above the maximum, or none at all, is replaced "
          "[MQTT-3.1.2-21]") {
  session_limits limits;
  limits.keep_alive_max = 60s;
  auto asked = [&](std::chrono::seconds keep_alive) {
    auto packet = connect_of(protocol_version::v5);
    packet.keep_alive = keep_alive;
    return applied(packet, limits);
  };
  CHECK(asked(60s).keep_alive == 60s);
  CHECK_FALSE(asked(60s).keep_alive_changed);
  CHECK(asked(61s).keep_alive == 60s);
  CHECK(asked(61s).keep_alive_changed);
  CHECK(asked(0s).keep_alive == 60s);
  CHECK(asked(0s).keep_alive_changed);
  limits.keep_alive_max.reset();
  CHECK(asked(0s).keep_alive == 0s);
  CHECK(asked(65'535s).keep_alive == 65'535s);
  CHECK_FALSE(asked(0s).keep_alive_changed);
}

TEST_CASE("a 5.0 session expires when it asks, but no later than the server "
          "grants (3.1.2.11.2)") {
  using id = property_id;
  auto hour = integer_property(id::session_expiry_interval, 3600);
  auto never = integer_property(id::session_expiry_interval, 0xFFFF'FFFF);
  session_limits limits;
  CHECK(applied(with_expiry({}), limits).session_expiry == 0s);
  CHECK(applied(with_expiry(hour), limits).session_expiry == 3600s);
  CHECK(applied(with_expiry(never), limits).session_expiry == std::nullopt);
  limits.session_expiry_max = 60s;
  CHECK(applied(with_expiry({}), limits).session_expiry == 0s);
  CHECK(applied(with_expiry(hour), limits).session_expiry == 60s);
  CHECK(applied(with_expiry(never), limits).session_expiry == 60s);
}

TEST_CASE("a 3.x session ends with its connection only when it is a clean "
          "one [3.1.1 MQTT-3.1.2-6]") {
  session_limits limits;
  limits.session_expiry_max = 1s; // of 5.0 only
  auto packet = connect_of(protocol_version::v3_1_1);
  packet.clean_start = true;
  CHECK(applied(packet, limits).session_expiry == 0s);
  packet.clean_start = false;
  CHECK(applied(packet, limits).session_expiry == std::nullopt);
  limits.persistent_client_expiration = 24h;
  CHECK(applied(packet, limits).session_expiry == 24h);
}

TEST_CASE("a will waits as long as it says, but no longer than the server "
          "grants (3.1.3.2.2)") {
  auto minute = integer_property(property_id::will_delay_interval, 60);
  session_limits limits;
  auto packet = with_will("w");
  CHECK(applied(packet, limits).will_delay == 0s);
  packet.will->properties = property_view{minute};
  CHECK(applied(packet, limits).will_delay == 60s);
  limits.will_delay_max = 10s;
  CHECK(applied(packet, limits).will_delay == 10s);
  packet.will.reset();
  CHECK(applied(packet, limits).will_delay == 0s);
}

} // namespace session_connect_rules_test
