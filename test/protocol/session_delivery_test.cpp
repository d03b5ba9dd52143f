#include "protocol/session/session.hpp"

#include "protocol/assert.hpp"
#include "test/support/hex.hpp"
#include "test/support/session_fixture.hpp"

#include <doctest/doctest.h>

#include <memory>
#include <string>
#include <vector>

namespace session_delivery_test {

using namespace hetzel::mqtt;
using namespace hetzel::test;
using namespace std::chrono_literals;

namespace {

constexpr auto v3_1 = protocol_version::v3_1;
constexpr auto v3_1_1 = protocol_version::v3_1_1;
constexpr auto v5 = protocol_version::v5;

std::string bytes(std::string_view notation) { return to_hex(hex(notation)); }

session_limits with_aliases(std::uint16_t maximum) {
  session_limits limits;
  limits.topic_alias_maximum_out = maximum;
  return limits;
}

void deliver_on(session_fixture& client, std::string_view topic_name,
                std::string_view payload = "x") {
  message_fields fields;
  fields.topic_name = topic_name;
  client.deliver(make_delivery(payload, qos::at_most_once, fields));
}

/// Delivers with QoS 0 a message that lives for `life` from now on.
void deliver_for(session_fixture& client, duration life) {
  message_fields fields;
  fields.expires_at = client.now() + life;
  client.deliver(make_delivery("x", qos::at_most_once, fields));
}

} // namespace

// -- QoS --------------------------------------------------------------------

TEST_CASE("each QoS goes out as the version has it") {
  connected_client old(v3_1_1);
  old.deliver("x", qos::at_most_once);
  old.deliver("x", qos::at_least_once);
  old.deliver("x", qos::exactly_once);
  CHECK(old.sent()
        == bytes("30 04 0001 't' 'x'  32 06 0001 't' 0001 'x'"
                 "34 06 0001 't' 0002 'x'"));
  connected_client client(v5);
  client.deliver("x", qos::at_most_once);
  client.deliver("x", qos::at_least_once);
  client.deliver("x", qos::exactly_once);
  CHECK(client.sent()
        == bytes("30 05 0001 't' 00 'x'  32 07 0001 't' 0001 00 'x'"
                 "34 07 0001 't' 0002 00 'x'"));
}

TEST_CASE("PUBACK settles QoS 1 [MQTT-4.3.2-3]") {
  for (auto version : {v3_1, v3_1_1, v5}) {
    connected_client client(version);
    client.deliver("x");
    client.receive("40 02 0001");
    CHECK(client.events() == "settled x qos 1");
    CHECK(client.state.outbound.empty());
  }
}

TEST_CASE("PUBREC is answered by PUBREL, PUBCOMP settles QoS 2 "
          "[MQTT-4.3.3-4]") {
  for (auto version : {v3_1, v3_1_1, v5}) {
    connected_client client(version);
    client.deliver("x", qos::exactly_once);
    client.sent();
    client.receive("50 02 0001");
    CHECK(client.sent() == "62 02 00 01");
    CHECK(client.events().empty());
    client.receive("50 02 0001"); // once more, for 3.x may resend
    CHECK(client.sent() == "62 02 00 01");
    client.receive("70 02 0001");
    CHECK(client.events() == "settled x qos 2");
    CHECK(client.sent().empty());
  }
}

TEST_CASE("a client's refusal settles the delivery, and no PUBREL follows "
          "(4.3.3)") {
  connected_client client(v5);
  client.deliver("a");
  client.deliver("b", qos::exactly_once);
  client.sent();
  client.receive("40 03 0001 97  50 03 0002 87");
  CHECK(client.events() == "settled a qos 1\nsettled b qos 2");
  CHECK(client.sent().empty());
}

TEST_CASE("acknowledgements out of order settle what they name") {
  connected_client client(v5);
  for (auto* payload : {"a", "b", "c"})
    client.deliver(payload);
  client.receive("40 02 0003  40 02 0001  40 02 0002");
  CHECK(client.events()
        == "settled c qos 1\nsettled a qos 1\nsettled b qos 1");
}

TEST_CASE("acknowledgements of nothing are counted, and the session goes on") {
  for (auto version : {v3_1_1, v5}) {
    connected_client client(version);
    client.receive("40 02 0009  70 02 0009");
    CHECK(client.sent().empty());
    CHECK(client.log.counts[session_event::puback_invalid] == 1);
    CHECK(client.log.counts[session_event::pubcomp_invalid] == 1);
    client.receive("50 02 0009");
    CHECK(client.sent()
          == (version == v5 ? "62 03 00 09 92" : "62 02 00 09"));
    CHECK(client.log.counts[session_event::pubrec_invalid] == 1);
    CHECK_FALSE(client.core().has_ended());
  }
}

TEST_CASE("a PUBREC that refuses what nobody sent gets no PUBREL") {
  connected_client client(v5);
  client.receive("50 03 0009 80");
  CHECK(client.sent().empty());
}

TEST_CASE("an acknowledgement of the other QoS settles nothing") {
  connected_client client(v5);
  client.deliver("a");
  client.deliver("b", qos::exactly_once);
  client.sent();
  client.receive("40 02 0002  70 02 0002  70 02 0001");
  CHECK(client.events().empty());
  client.receive("50 02 0001");
  CHECK(client.sent() == "62 03 00 01 92");
  client.receive("40 02 0001  50 02 0002  70 02 0002");
  CHECK(client.events() == "settled a qos 1\nsettled b qos 2");
}

TEST_CASE("PUBCOMP ahead of PUBREC settles nothing [MQTT-4.3.3-4]") {
  connected_client client(v3_1_1);
  client.deliver("x", qos::exactly_once);
  client.receive("70 02 0001");
  CHECK(client.events().empty());
  CHECK(client.state.outbound.size() == 1);
}

// -- the window and ids -----------------------------------------------------

TEST_CASE("no more is in flight than the client's Receive Maximum "
          "[MQTT-3.3.4-9]") {
  connected_client client(v5, "21 0002");
  CHECK(client.core().credit() == 2);
  client.deliver("a");
  client.deliver("b", qos::exactly_once);
  CHECK(client.core().credit() == 0);
  CHECK_THROWS_AS(client.deliver("c"), hetzel::assertion_failed);
  client.deliver("c", qos::at_most_once); // is not limited (4.9)
  client.receive("50 02 0002"); // PUBREC gives nothing back
  CHECK(client.core().credit() == 0);
  client.receive("70 02 0002");
  CHECK(client.core().credit() == 1);
  client.receive("40 02 0001");
  CHECK(client.core().credit() == 2);
}

TEST_CASE("the server's own limit caps Receive Maximum") {
  session_limits limits;
  limits.receive_maximum_client = 5;
  CHECK(connected_client(v5, "21 0009", limits).core().credit() == 5);
  CHECK(connected_client(v5, "21 0004", limits).core().credit() == 4);
  CHECK(connected_client(v5, "", limits).core().credit() == 5);
}

TEST_CASE("3.x has the configured window; zero leaves only the ids") {
  session_limits limits;
  CHECK(connected_client(v3_1_1, "", limits).core().credit() == 20);
  limits.in_flight_max_v3 = 0;
  CHECK(connected_client(v3_1, "", limits).core().credit() == 65'535);
}

TEST_CASE("a packet id is given again only after its exchange has ended "
          "[MQTT-2.2.1-4]") {
  connected_client client(v5);
  client.deliver("stuck", qos::exactly_once);
  client.receive("50 02 0001");
  client.sent();
  for (unsigned id = 2; id <= 65'535; ++id) {
    client.deliver("x");
    const char ack[]
      = {0x40, 2, static_cast<char>(id >> 8), static_cast<char>(id & 0xFF)};
    client.receive_bytes({ack, sizeof(ack)});
    client.log.lines.clear();
  }
  client.sent();
  CHECK(client.core().credit() == 0); // id 1 is next, and taken
  client.receive("70 02 0001");
  client.deliver("y");
  CHECK(client.sent() == bytes("32 07 0001 't' 0001 00 'y'"));
}

TEST_CASE("a full window is full on the next connection too") {
  connected_client client(v3_1_1);
  for (int i = 0; i < 20; ++i)
    client.deliver("x");
  CHECK(client.core().credit() == 0);
  client.connect(v3_1_1, {}, true);
  CHECK(client.core().credit() == 0);
  CHECK(client.state.outbound.size() == 20);
}

// -- what a PUBLISH says ----------------------------------------------------

TEST_CASE("RETAIN is what the delivery says, whatever the message says "
          "[MQTT-3.3.1-8] [MQTT-3.3.1-12]") {
  connected_client client(v3_1_1);
  message_fields fields;
  fields.retain = true;
  auto item = make_delivery("x", qos::at_most_once, fields);
  client.deliver(item);
  CHECK(client.sent() == bytes("30 04 0001 't' 'x'"));
  item.retain = true;
  client.deliver(item);
  CHECK(client.sent() == bytes("31 04 0001 't' 'x'"));
}

TEST_CASE("properties and all Subscription Identifiers go to 5.0 only "
          "[MQTT-3.3.2-17] [MQTT-3.3.4-4]") {
  auto coded = hex("03 0001 'c' 26 0001 'k' 0001 'v'");
  message_fields fields;
  fields.properties = coded;
  auto item = make_delivery("x", qos::at_most_once, fields);
  item.ids = std::make_shared<const std::vector<std::uint32_t>>(
    std::vector<std::uint32_t>{1, 200});
  connected_client client(v5);
  client.deliver(item);
  CHECK(client.sent()
        == bytes("30 15 0001 't' 10 0B 01 0B C801"
                 "03 0001 'c' 26 0001 'k' 0001 'v' 'x'"));
  connected_client old(v3_1_1);
  old.deliver(item);
  CHECK(old.sent() == bytes("30 04 0001 't' 'x'"));
}

TEST_CASE("Message Expiry Interval counts down by whole seconds "
          "[MQTT-3.3.2-6]") {
  connected_client client(v5);
  auto interval_of = [&](duration life) {
    deliver_for(client, life);
    auto packet = client.sent();
    return packet.substr(packet.size() - 14, 11);
  };
  CHECK(interval_of(10s) == "00 00 00 0A");
  CHECK(interval_of(10s - 1ms) == "00 00 00 0A");
  CHECK(interval_of(9s) == "00 00 00 09");
  CHECK(interval_of(1ms) == "00 00 00 01");
  CHECK(interval_of(std::chrono::seconds{0xFFFF'FFFF}) == "FF FF FF FF");
}

TEST_CASE("an expired message is dropped, not sent [MQTT-3.3.2-5]") {
  for (auto version : {v3_1_1, v5}) {
    connected_client client(version);
    deliver_for(client, 0s);
    CHECK(client.sent().empty());
    CHECK(client.events() == "dropped x qos 0 expired");
    message_fields fields;
    fields.expires_at = client.now();
    client.deliver(make_delivery("y", qos::exactly_once, fields));
    CHECK(client.events() == "dropped y qos 2 expired");
    CHECK(client.state.outbound.empty());
    client.deliver("z");
    CHECK(client.events().empty());
    CHECK(client.state.outbound.find(1) != nullptr); // no id was wasted
  }
}

// -- Maximum Packet Size ----------------------------------------------------

TEST_CASE("a message that is larger than the client takes is dropped as if "
          "it had been sent [MQTT-3.1.2-24] [MQTT-3.1.2-25]") {
  connected_client client(v5, "27 0000 0014");
  client.deliver(std::string(12, 'x')); // 20 bytes
  CHECK(client.sent().size() == 20 * 3 - 1);
  client.deliver(std::string(13, 'x'));
  client.deliver(std::string(15, 'x'), qos::at_most_once);
  CHECK(client.sent().empty());
  CHECK(client.events()
        == "dropped xxxxxxxxxxxxx qos 1 too large\n"
           "dropped xxxxxxxxxxxxxxx qos 0 too large");
  CHECK(client.state.outbound.size() == 1);
}

TEST_CASE("the server's packet size limit holds for what it sends") {
  session_limits limits;
  limits.packet_size_max = 20;
  connected_client client(v3_1_1, "", limits);
  client.deliver(std::string(15, 'x'), qos::at_most_once);
  CHECK(client.sent().size() == 20 * 3 - 1);
  client.deliver(std::string(16, 'x'), qos::at_most_once);
  CHECK(client.sent().empty());
}

// -- topic aliases ----------------------------------------------------------

TEST_CASE("the first PUBLISH of a topic sets its alias, later ones leave the "
          "name out [MQTT-3.1.2-26] [MQTT-3.1.2-27]") {
  connected_client client(v5, "22 0002", with_aliases(10));
  deliver_on(client, "topic/1");
  deliver_on(client, "topic/1");
  CHECK(client.sent()
        == bytes("30 0E 0007 'topic/1' 03 23 0001 'x'"
                 "30 07 0000 03 23 0001 'x'"));
  deliver_on(client, "topic/2");
  deliver_on(client, "topic/3"); // no alias is left
  deliver_on(client, "topic/2");
  CHECK(client.sent()
        == bytes("30 0E 0007 'topic/2' 03 23 0002 'x'"
                 "30 0B 0007 'topic/3' 00 'x'"
                 "30 07 0000 03 23 0002 'x'"));
}

TEST_CASE("a client that allows no alias, or is not of 5.0, gets none "
          "[MQTT-3.1.2-27]") {
  connected_client client(v5, "", with_aliases(10));
  deliver_on(client, "a");
  CHECK(client.sent() == bytes("30 05 0001 'a' 00 'x'"));
  connected_client old(v3_1_1, "", with_aliases(10));
  deliver_on(old, "a");
  CHECK(old.sent() == bytes("30 04 0001 'a' 'x'"));
}

TEST_CASE("the server's own maximum caps the aliases") {
  connected_client client(v5, "22 FFFF", with_aliases(1));
  deliver_on(client, "a");
  deliver_on(client, "b");
  CHECK(client.sent()
        == bytes("30 08 0001 'a' 03 23 0001 'x'  30 05 0001 'b' 00 'x'"));
}

TEST_CASE("an alias that would make a message too large is not used "
          "[MQTT-3.1.2-25]") {
  connected_client client(v5, "22 0005 27 0000 0014", with_aliases(5));
  deliver_on(client, "a", std::string(14, 'x'));
  CHECK(client.sent().starts_with("30 12 00 01 61 00 78"));
  deliver_on(client, "a", "x");
  CHECK(client.sent() == bytes("30 08 0001 'a' 03 23 0001 'x'"));
  deliver_on(client, "a", std::string(14, 'x')); // longer by alias than by name
  CHECK(client.sent().starts_with("30 12 00 01 61 00 78"));
  CHECK(client.events().empty());
}

TEST_CASE("a message that was dropped set no alias [MQTT-3.3.2-7]") {
  connected_client client(v5, "22 0005 27 0000 0014", with_aliases(5));
  deliver_on(client, "a", std::string(20, 'x'));
  CHECK(client.events() == "dropped " + std::string(20, 'x')
                             + " qos 0 too large");
  deliver_on(client, "a");
  CHECK(client.sent() == bytes("30 08 0001 'a' 03 23 0001 'x'"));
}

// -- large payloads ---------------------------------------------------------

TEST_CASE("a payload that is not copied arrives in its place") {
  connected_client client(v3_1_1);
  std::string large(output_buffer::shared_min_bytes, 'L');
  client.deliver("a", qos::at_most_once);
  client.deliver(large, qos::at_least_once);
  client.receive("C0 00");
  auto sent = hex(client.sent());
  CHECK(sent
        == hex("30 04 0001 't' 'a'  32 85 80 01 0001 't' 0001") + large
             + hex("D0 00"));
}

} // namespace session_delivery_test
