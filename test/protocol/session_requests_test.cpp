#include "protocol/session/session.hpp"

#include "test/support/hex.hpp"
#include "test/support/session_auth.hpp"
#include "test/support/session_fixture.hpp"

#include <doctest/doctest.h>

#include <string>
#include <vector>

namespace session_requests_test {

using namespace hetzel::mqtt;
using namespace hetzel::test;
using namespace std::chrono_literals;

namespace {

constexpr auto v3_1 = protocol_version::v3_1;
constexpr auto v3_1_1 = protocol_version::v3_1_1;
constexpr auto v5 = protocol_version::v5;

std::string bytes(std::string_view notation) { return to_hex(hex(notation)); }

constexpr auto subscribe_v3 = "82 06 0007 0001 'a' 01";
constexpr auto subscribe_v5 = "82 07 0007 00 0001 'a' 01";

/// A client that came in by the method "steps". It wants no reason strings.
class authenticated_client : public session_fixture {
public:
  explicit authenticated_client(std::string_view properties = {}) {
    methods = &steps_;
    connect(v5, hex("17 00 15 0005 'steps' 16 0002 'ok'") + hex(properties));
  }

private:
  steps_auth steps_;
};

constexpr auto reauthenticate
  = "F0 0E 19 0C 15 0005 'steps' 16 0001 'a'";

} // namespace

// -- SUBSCRIBE, UNSUBSCRIBE -------------------------------------------------

TEST_CASE("SUBACK has the id and one code for each filter [MQTT-3.8.4-2] "
          "[MQTT-3.8.4-6]") {
  connected_client old(v3_1_1);
  old.receive("82 0B 0007 0001 'a' 00 0002 'b#' 02");
  CHECK(old.events() == "subscribe 0 a=0 b#=143");
  CHECK(old.sent() == "90 04 00 07 00 80");
  connected_client client(v5);
  client.receive("82 0E 0007 02 0B 05 0001 'a' 02 0002 'b#' 02");
  CHECK(client.events() == "subscribe 5 a=2 b#=143");
  CHECK(client.sent() == "90 05 00 07 00 02 8F");
}

TEST_CASE("the sink may grant less than was asked for [MQTT-3.8.4-7]") {
  connected_client client(v5);
  client.log.answers_requests = false;
  client.receive(subscribe_v5);
  const std::vector granted{reason_code::success};
  client.core().complete_subscribe(7, granted);
  CHECK(client.sent() == "90 04 00 07 00 00");
}

TEST_CASE("nothing that follows SUBSCRIBE is handled before its SUBACK") {
  connected_client client(v3_1_1);
  client.log.answers_requests = false;
  client.receive(std::string{subscribe_v3} + "C0 00");
  CHECK(client.core().is_paused());
  CHECK(client.core().is_awaiting_reply());
  CHECK(client.sent().empty());
  client.deliver("x", qos::at_most_once); // retained messages may come first
  client.core().complete_subscribe(7, std::vector{reason_code::granted_qos_1});
  CHECK(client.sent() == bytes("30 04 0001 't' 'x' 90 03 0007 01"));
  client.receive("");
  CHECK(client.sent() == "D0 00");
}

TEST_CASE("UNSUBACK has codes in 5.0 only [MQTT-3.10.4-4] [MQTT-3.11.3-1]") {
  connected_client old(v3_1);
  old.receive("A2 05 0008 0001 'a'");
  CHECK(old.sent() == "B0 02 00 08");
  connected_client client(v5);
  client.log.answers_requests = false;
  client.receive("A2 09 0008 00 0001 'a' 0001 'b'");
  CHECK(client.events() == "unsubscribe a b");
  client.core().complete_unsubscribe(
    8, std::vector{reason_code::success, reason_code::no_subscription_existed});
  CHECK(client.sent() == "B0 05 00 08 00 00 11");
}

TEST_CASE("an answer that nobody waits for is not sent") {
  connected_client client(v5);
  client.log.answers_requests = false;
  const std::vector codes{reason_code::success};
  client.core().complete_subscribe(7, codes);
  client.receive(subscribe_v5);
  client.core().complete_unsubscribe(7, codes);
  CHECK(client.sent().empty());
  CHECK(client.core().is_awaiting_reply());
  client.core().complete_subscribe(7, codes);
  client.core().complete_subscribe(7, codes);
  CHECK(client.sent() == "90 04 00 07 00 00");
}

TEST_CASE("No Local on a shared subscription is a protocol error "
          "[MQTT-3.8.3-4]") {
  connected_client client(v5);
  client.receive("82 10 0007 00 000A '$share/g/a' 05");
  CHECK(client.events() == "end protocol_error");
}

TEST_CASE("a bridge of 3.1.1 gets No Local and Retain As Published") {
  session_fixture client;
  client.limits.allowed_versions.v3_1_1_bridge = true;
  connect packet;
  packet.version = v3_1_1;
  packet.is_bridge = true;
  packet.client_id = "bridge";
  client.connect(packet);
  client.receive("82 13 0007 0001 'a' 01 000A '$share/g/a' 01");
  CHECK(client.events()
        == "subscribe 0 a=1 no_local as_published $share/g/a=1 as_published");
}

TEST_CASE("a filter deeper than allowed gets its own code, the others are "
          "subscribed") {
  session_limits limits;
  limits.topics.depth_max = 2;
  connected_client client(v5, "", limits);
  client.receive("82 11 0007 00 0005 'a/b/c' 00 0003 'a/b' 00");
  CHECK(client.sent() == "90 05 00 07 00 8F 00");
}

// -- PINGREQ ----------------------------------------------------------------

TEST_CASE("PINGREQ is answered by PINGRESP [MQTT-3.12.4-1]") {
  for (auto version : {v3_1, v3_1_1, v5}) {
    connected_client client(version);
    client.receive("C0 00 C0 00");
    CHECK(client.sent() == "D0 00 D0 00");
  }
}

// -- DISCONNECT -------------------------------------------------------------

TEST_CASE("DISCONNECT discards the will, but not when it says otherwise "
          "[MQTT-3.14.4-3]") {
  for (auto version : {v3_1, v3_1_1, v5}) {
    connected_client client(version);
    client.receive("E0 00");
    CHECK(client.events() == "end success will discarded");
    CHECK(client.sent().empty());
    CHECK_FALSE(client.log.end->session_expiry);
  }
  connected_client client(v5);
  client.receive("E0 01 04");
  CHECK(client.events() == "end disconnect_with_will_message");
}

TEST_CASE("DISCONNECT may change the session's expiry up to what is granted "
          "(3.14.2.2.2)") {
  session_limits limits;
  limits.session_expiry_max = 100s;
  auto left = [&](std::string_view goodbye) {
    connected_client client(v5, "11 0000 0009", limits);
    client.receive(goodbye);
    return client.log.end->session_expiry;
  };
  CHECK_FALSE(left("E0 00").has_value());
  CHECK(left("E0 07 00 05 11 0000 0032").value() == 50s);
  CHECK(left("E0 07 00 05 11 0000 0000").value() == 0s);
  CHECK(left("E0 07 00 05 11 0000 00FF").value() == 100s);
  CHECK(left("E0 07 00 05 11 FFFF FFFF").value() == 100s);
  limits.session_expiry_max.reset();
  CHECK(left("E0 07 00 05 11 FFFF FFFF").value() == std::nullopt);
}

TEST_CASE("a session that was to end with its connection cannot outlive it "
          "by DISCONNECT [MQTT-3.14.2-2]") {
  connected_client client(v5, "17 00");
  client.receive("E0 07 00 05 11 0000 0032");
  CHECK(client.sent() == "E0 01 82");
  CHECK(client.events() == "end protocol_error");
  CHECK_FALSE(client.log.end->session_expiry);
  connected_client zero(v5);
  zero.receive("E0 07 00 05 11 0000 0000");
  CHECK(zero.events() == "end success will discarded");
}

// -- AUTH -------------------------------------------------------------------

TEST_CASE("a client may authenticate anew while messages flow "
          "[MQTT-4.12.1-1]") {
  authenticated_client client;
  client.receive(reauthenticate);
  CHECK(client.sent() == bytes("F0 0F 18 0D 15 0005 'steps' 16 0002 'a?'"));
  client.receive_publish(1, qos::at_least_once);
  CHECK(client.sent() == "40 02 00 01");
  client.receive("F0 0F 18 0D 15 0005 'steps' 16 0002 'ok'");
  CHECK(client.sent()
        == bytes("F0 1B 00 19 15 0005 'steps' 16 000E 'welcome client'"));
  client.receive(reauthenticate);
  CHECK(client.sent().starts_with("F0 0F 18"));
}

TEST_CASE("who fails to authenticate anew is disconnected [MQTT-4.12.1-2]") {
  authenticated_client client;
  client.receive("F0 0F 19 0D 15 0005 'steps' 16 0002 'no'");
  CHECK(client.sent() == "E0 01 87");
  CHECK(client.events() == "end not_authorized");
}

TEST_CASE("the method may not change, nor an exchange begin in its midst "
          "[MQTT-4.12.0-5] [MQTT-4.12.0-6]") {
  for (auto* notation : {"F0 0E 19 0C 15 0005 'other' 16 0001 'a'",
                         "F0 0E 18 0C 15 0005 'steps' 16 0001 'a'",
                         "F0 00"}) {
    authenticated_client client;
    client.receive(notation);
    CHECK(client.sent() == "E0 01 82");
  }
  authenticated_client client;
  client.receive(reauthenticate);
  client.sent();
  client.receive(reauthenticate);
  CHECK(client.sent() == "E0 01 82");
}

TEST_CASE("AUTH from a client that named no method is a protocol error "
          "[MQTT-4.12.0-7]") {
  connected_client client(v5, "17 00");
  client.receive("F0 0E 19 0C 15 0005 'steps' 16 0001 'a'");
  CHECK(client.sent() == "E0 01 82");
}

TEST_CASE("3.x knows no AUTH (3.1.1, 2.2.1)") {
  connected_client client(v3_1_1);
  client.receive("F0 00");
  CHECK(client.sent().empty());
  CHECK(client.end_code() == reason_code::malformed_packet);
}

TEST_CASE("a challenge that the client cannot take ends the session "
          "[MQTT-3.1.2-24]") {
  authenticated_client client("27 0000 0064");
  client.receive("F0 11 19 0F 15 0005 'steps' 16 0004 'long'");
  CHECK(client.sent() == "E0 01 95");
  CHECK(client.end_code() == reason_code::packet_too_large);
}

// -- packets that may not come ----------------------------------------------

TEST_CASE("a second CONNECT is a protocol error, whatever it says "
          "[MQTT-3.1.0-2]") {
  for (auto* notation : {"10 0E 0004 'MQTT' 05 02 003C 00 0001 'c'",
                         "10 07 0004 'MQTT' 06", "10 00"}) {
    connected_client client(v5, "17 00");
    client.receive(notation);
    CHECK(client.sent() == "E0 01 82");
    connected_client old(v3_1_1);
    old.receive(notation);
    CHECK(old.sent().empty());
    CHECK(old.end_code() == reason_code::protocol_error);
  }
}

TEST_CASE("a client sends nothing that is the server's to send "
          "[MQTT-4.13.1-1]") {
  for (auto* notation :
       {"20 03 00 00 00", "90 04 0007 00 00", "B0 04 0007 00 00", "D0 00"}) {
    connected_client client(v5, "17 00");
    client.receive(notation);
    CHECK(client.sent() == "E0 01 82");
  }
}

TEST_CASE("packets are counted by type, code and direction") {
  connected_client client(v5);
  client.log.packets.clear();
  client.receive(subscribe_v5);
  client.log.publish_answer = reason_code::no_matching_subscribers;
  client.receive_publish(1, qos::at_least_once);
  client.deliver("x", qos::exactly_once);
  client.receive("50 03 0001 97 C0 00 E0 01 04");
  std::string counted;
  for (const auto& line : client.log.packets)
    counted += line + "\n";
  CHECK(counted
        == "subscribe success\nsent suback success\n"
           "sent puback no_matching_subscribers\npubrec quota_exceeded\n"
           "pingreq success\nsent pingresp success\n"
           "disconnect disconnect_with_will_message\n");
}

} // namespace session_requests_test
