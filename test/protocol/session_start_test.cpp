#include "protocol/session/session.hpp"

#include "protocol/assert.hpp"
#include "test/support/hex.hpp"
#include "test/support/session_auth.hpp"
#include "test/support/session_fixture.hpp"

#include <doctest/doctest.h>

#include <string>

namespace session_start_test {

using namespace hetzel::mqtt;
using namespace hetzel::test;

namespace {

constexpr auto v3_1 = protocol_version::v3_1;
constexpr auto v3_1_1 = protocol_version::v3_1_1;
constexpr auto v5 = protocol_version::v5;

std::string bytes(std::string_view notation) { return to_hex(hex(notation)); }

/// PUBLISH of QoS 1 to topic "t" as a 3.1.1 client gets it.
std::string qos_1(std::string_view id, char payload, bool dup) {
  return bytes(std::string{dup ? "3A" : "32"} + " 06 0001 't' "
               + std::string{id} + " '" + payload + "'");
}

} // namespace

// -- CONNACK ----------------------------------------------------------------

TEST_CASE("CONNACK says whether there was a session, which 3.1 cannot "
          "[MQTT-3.2.2-3] [3.1.1 MQTT-3.2.2-2]") {
  session_fixture client;
  CHECK(client.connect(v3_1) == "20 02 00 00");
  CHECK(client.connect(v3_1, {}, true) == "20 02 00 00");
  CHECK(client.connect(v3_1_1) == "20 02 00 00");
  CHECK(client.connect(v3_1_1, {}, true) == "20 02 01 00");
  CHECK(client.connect(v5) == "20 03 00 00 00");
  CHECK(client.connect(v5, {}, true) == "20 03 01 00 00");
}

TEST_CASE("CONNACK announces what the server grants") {
  session_fixture client;
  client.limits.keep_alive_max = std::chrono::seconds{9};
  client.limits.receive_maximum_server = 8;
  client.limits.topic_alias_maximum_in = 7;
  client.limits.packet_size_max = 1000;
  client.limits.response_information = "r";
  CHECK(client.connect(v5, hex("19 01"))
        == bytes("20 15 00 00 12 13 0009 21 0008 27 0000 03E8 22 0007"
                 "1A 0001 'r'"));
}

TEST_CASE("CONNACK ends an enhanced authentication [MQTT-4.12.0-5]") {
  session_fixture client;
  const steps_auth methods;
  client.methods = &methods;
  CHECK(client.connect(v5, hex("15 0005 'steps' 16 0002 'ok'"))
        == bytes("20 1C 00 00 19 15 0005 'steps' 16 000E 'welcome client'"));
}

TEST_CASE("a client that takes no CONNACK of that size is refused by a "
          "shorter one [MQTT-3.1.2-24]") {
  session_fixture client;
  client.limits.keep_alive_max = std::chrono::seconds{9};
  CHECK(client.connect(v5, hex("27 0000 0007")) == "20 03 00 95 00");
  CHECK(client.events() == "end packet_too_large");
}

TEST_CASE("a client that takes no CONNACK at all gets nothing, also no "
          "DISCONNECT [MQTT-3.2.0-1]") {
  session_fixture client;
  CHECK(client.connect(v5, hex("27 0000 0004")).empty());
  CHECK(client.core().has_ended());
  CHECK(client.end_code() == reason_code::packet_too_large);
}

TEST_CASE("a Maximum Packet Size that CONNACK just fits is enough") {
  session_fixture client;
  CHECK(client.connect(v5, hex("27 0000 0005")) == "20 03 00 00 00");
  client.receive("C0 00");
  CHECK(client.sent() == "D0 00");
}

// -- resuming ---------------------------------------------------------------

TEST_CASE("unacknowledged messages come again after CONNACK, with DUP, their "
          "ids and their order [MQTT-4.4.0-1] [MQTT-3.3.1-1]") {
  session_fixture client;
  client.connect(v3_1_1);
  client.deliver("a");
  client.deliver("b");
  client.deliver("c");
  client.sent();
  client.receive("40 02 0002");
  CHECK(client.connect(v3_1_1, {}, true)
        == "20 02 01 00 " + qos_1("0001", 'a', true) + " "
             + qos_1("0003", 'c', true));
  CHECK(client.log.counts[session_event::publish_resent] == 2);
}

TEST_CASE("after PUBREC it is PUBREL that comes again [MQTT-4.3.3-5]") {
  session_fixture client;
  client.connect(v5);
  client.deliver("a", qos::exactly_once);
  client.deliver("b", qos::exactly_once);
  client.receive("50 02 0001");
  client.sent();
  CHECK(client.connect(v5, {}, true)
        == bytes("20 03 01 00 00  62 02 0001  3C 07 0001 't' 0002 00 'b'"));
  client.receive("70 02 0001  50 02 0002  70 02 0002");
  CHECK(client.sent() == "62 02 00 02");
  CHECK(client.state.outbound.empty());
}

TEST_CASE("a resumed session keeps to the new connection's Receive Maximum "
          "[MQTT-3.3.4-9]") {
  session_fixture client;
  client.connect(v5);
  for (auto* payload : {"a", "b", "c"})
    client.deliver(payload);
  client.sent();
  CHECK(client.connect(v5, hex("21 0002"), true)
        == bytes("20 03 01 00 00  3A 07 0001 't' 0001 00 'a'"
                 "3A 07 0001 't' 0002 00 'b'"));
  CHECK(client.core().credit() == 0);
  client.receive("40 02 0002");
  CHECK(client.sent() == bytes("3A 07 0001 't' 0003 00 'c'"));
  client.receive("40 02 0001  40 02 0003");
  CHECK(client.core().credit() == 2);
  CHECK(client.events()
        == "end unspecified_error\n"
           "settled b qos 1\nsettled a qos 1\nsettled c qos 1");
}

TEST_CASE("no new message overtakes those of the earlier connection "
          "[MQTT-4.6.0-1]") {
  session_fixture client;
  client.connect(v5);
  client.deliver("a");
  client.deliver("b");
  client.connect(v5, hex("21 0001"), true);
  CHECK(client.core().credit() == 0);
  CHECK_THROWS_AS(client.deliver("c"), hetzel::assertion_failed);
  client.receive("40 02 0001");
  CHECK(client.core().credit() == 0);
  client.receive("40 02 0002");
  CHECK(client.core().credit() == 1);
}

TEST_CASE("a resumed session may change its version") {
  session_fixture client;
  client.connect(v5);
  client.deliver("a");
  CHECK(client.connect(v3_1, {}, true)
        == "20 02 00 00 " + qos_1("0001", 'a', true));
}

TEST_CASE("ids go on where the earlier connection stopped [MQTT-2.2.1-4]") {
  session_fixture client;
  client.connect(v3_1_1);
  client.deliver("a");
  client.connect(v3_1_1, {}, true);
  client.sent();
  client.deliver("b");
  CHECK(client.sent() == qos_1("0002", 'b', false));
}

TEST_CASE("what the new connection cannot take is dropped from the resumed "
          "session, the rest is not [MQTT-3.1.2-25]") {
  session_fixture client;
  client.connect(v5);
  client.deliver(std::string(50, 'a'));
  client.deliver("b");
  client.events();
  CHECK(client.connect(v5, hex("27 0000 0020"), true)
        == bytes("20 03 01 00 00  3A 07 0001 't' 0002 00 'b'"));
  CHECK(client.events()
        == "end unspecified_error\ndropped " + std::string(50, 'a')
             + " qos 1 too large");
  CHECK(client.state.outbound.size() == 1);
}

TEST_CASE("a message that was sent once is sent again though it expired, for "
          "its id is taken") {
  session_fixture client;
  client.connect(v5);
  message_fields fields;
  fields.expires_at = client.now() + std::chrono::seconds{10};
  client.deliver(make_delivery("a", qos::at_least_once, fields));
  client.advance(std::chrono::seconds{11});
  CHECK(client.connect(v5, {}, true)
        == bytes("20 03 01 00 00  3A 0C 0001 't' 0001 05 02 0000 0000 'a'"));
}

TEST_CASE("aliases end with their connection [MQTT-3.3.2-7]") {
  session_fixture client;
  client.limits.topic_alias_maximum_in = 5;
  client.limits.topic_alias_maximum_out = 5;
  auto aliases = hex("22 0005");
  client.connect(v5, aliases);
  client.deliver("a", qos::at_most_once);
  client.sent();
  client.receive("30 07 0001 'i' 03 23 0001");
  client.connect(v5, aliases, true);
  client.deliver("b", qos::at_most_once);
  CHECK(client.sent() == bytes("30 08 0001 't' 03 23 0001 'b'"));
  client.receive("30 06 0000 03 23 0001");
  CHECK(client.end_code() == reason_code::protocol_error);
}

TEST_CASE("a QoS 2 PUBLISH that was routed before the break is not routed "
          "again [MQTT-4.3.3-10]") {
  session_fixture client;
  client.connect(v3_1_1);
  client.receive_publish(7, qos::exactly_once);
  CHECK(client.events() == "publish a x qos 2");
  client.connect(v3_1_1, {}, true);
  client.events();
  client.receive("3C 06 0001 'a' 0007 'x'");
  CHECK(client.sent() == "50 02 00 07");
  client.receive("62 02 0007");
  CHECK(client.sent() == "70 02 00 07");
  CHECK(client.events().empty());
}

TEST_CASE("a QoS 2 PUBLISH still in routing at the break is answered on the "
          "next connection, when it comes again") {
  session_fixture client;
  client.log.publish_answer.reset();
  client.connect(v5);
  client.receive_publish(7, qos::exactly_once);
  client.receive_publish(8, qos::exactly_once);
  client.connect(v5, {}, true);
  client.receive("3C 07 0001 'a' 0007 00 'x'");
  client.core().complete_publish(7, qos::exactly_once, reason_code::success);
  client.core().complete_publish(8, qos::exactly_once, reason_code::success);
  CHECK(client.sent() == "50 02 00 07");
  client.receive("3C 07 0001 'a' 0008 00 'x'");
  CHECK(client.sent() == "50 02 00 08");
  CHECK(client.events()
        == "publish a x qos 2\npublish a x qos 2\nend unspecified_error");
}

} // namespace session_start_test
