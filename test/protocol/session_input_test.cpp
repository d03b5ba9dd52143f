#include "protocol/session/session.hpp"

#include "test/support/hex.hpp"
#include "test/support/session_fixture.hpp"

#include <doctest/doctest.h>

#include <string>

namespace session_input_test {

using namespace hetzel::mqtt;
using namespace hetzel::test;

namespace {

constexpr auto v3_1 = protocol_version::v3_1;
constexpr auto v3_1_1 = protocol_version::v3_1_1;
constexpr auto v5 = protocol_version::v5;

std::string bytes(std::string_view notation) { return to_hex(hex(notation)); }

session_limits with_aliases(std::uint16_t maximum) {
  session_limits limits;
  limits.topic_alias_maximum_in = maximum;
  return limits;
}

/// A session whose sink holds it in the midst of its input.
class holding_sink final : public session_sink {
public:
  session* core = nullptr;
  int published = 0;

  void on_publish(const publish&) override {
    ++published;
    core->hold(true);
  }
  void on_subscribe(const subscribe&, std::span<const reason_code>) override {}
  void on_unsubscribe(const unsubscribe&) override {}
  void on_settled(const delivery&) override {}
  void on_dropped(const delivery&, session_event) override {}
  void on_end(const session_end&) override {}
  void count(session_event) override {}
  void count_packet(packet_type, reason_code, bool) override {}
};

} // namespace

// -- QoS --------------------------------------------------------------------

TEST_CASE("QoS 0 is routed and not answered [MQTT-4.3.1-1]") {
  for (auto version : {v3_1, v3_1_1, v5}) {
    connected_client client(version);
    client.receive_publish(0, qos::at_most_once);
    CHECK(client.sent().empty());
    CHECK(client.events() == "publish a x qos 0");
    CHECK(client.log.counts[session_event::publish_received] == 1);
  }
}

TEST_CASE("QoS 1 is answered by PUBACK with its id [MQTT-4.3.2-4]") {
  for (auto version : {v3_1, v3_1_1, v5}) {
    connected_client client(version);
    client.receive_publish(0x1234, qos::at_least_once);
    CHECK(client.sent() == "40 02 12 34");
    CHECK(client.events() == "publish a x qos 1");
  }
}

TEST_CASE("QoS 1 is new every time, with DUP or without [MQTT-4.3.2-5]") {
  connected_client client(v5);
  client.receive("32 07 0001 'a' 0001 00 'x'  3A 07 0001 'a' 0001 00 'x'");
  CHECK(client.sent() == "40 02 00 01 40 02 00 01");
  CHECK(client.events() == "publish a x qos 1\npublish a x qos 1");
}

TEST_CASE("QoS 2 takes four packets and is routed once [MQTT-4.3.3-8]") {
  for (auto version : {v3_1, v3_1_1, v5}) {
    connected_client client(version);
    client.receive_publish(9, qos::exactly_once);
    CHECK(client.sent() == "50 02 00 09");
    client.receive("62 02 0009");
    CHECK(client.sent() == "70 02 00 09");
    CHECK(client.events() == "publish a x qos 2");
  }
}

TEST_CASE("a QoS 2 PUBLISH seen twice is answered twice and routed once "
          "[MQTT-4.3.3-10]") {
  connected_client client(v3_1_1);
  client.receive_publish(9, qos::exactly_once);
  client.receive("3C 06 0001 'a' 0009 'x'");
  CHECK(client.sent() == "50 02 00 09 50 02 00 09");
  CHECK(client.events() == "publish a x qos 2");
}

TEST_CASE("a released id is a new message's [MQTT-4.3.3-12]") {
  connected_client client(v5);
  client.receive_publish(9, qos::exactly_once, "a", "1");
  client.receive("62 02 0009");
  client.receive_publish(9, qos::exactly_once, "a", "2");
  CHECK(client.sent() == "50 02 00 09 70 02 00 09 50 02 00 09");
  CHECK(client.events() == "publish a 1 qos 2\npublish a 2 qos 2");
}

TEST_CASE("PUBREL for an unknown id is answered, in 5.0 with 0x92 (3.7.2.1)") {
  connected_client client(v5);
  client.receive("62 02 0007");
  CHECK(client.sent() == "70 03 00 07 92");
  CHECK_FALSE(client.core().has_ended());
  connected_client older(v3_1_1);
  older.receive("62 02 0007");
  CHECK(older.sent() == "70 02 00 07");
}

TEST_CASE("PUBREL twice is answered twice [MQTT-4.3.3-11]") {
  connected_client client(v3_1_1);
  client.receive_publish(9, qos::exactly_once);
  client.receive("62 02 0009 62 02 0009");
  CHECK(client.sent() == "50 02 00 09 70 02 00 09 70 02 00 09");
}

TEST_CASE("3.1 may repeat PUBREL with DUP, later versions may not "
          "[3.1.1 MQTT-3.6.1-1]") {
  connected_client old(v3_1);
  old.receive("6A 02 0007");
  CHECK(old.sent() == "70 02 00 07");
  connected_client client(v3_1_1);
  client.receive("6A 02 0007");
  CHECK(client.end_code() == reason_code::malformed_packet);
}

TEST_CASE("PUBREL before PUBREC is a protocol error [MQTT-4.3.3-4]") {
  connected_client client(v5);
  client.log.publish_answer.reset();
  client.receive_publish(9, qos::exactly_once);
  client.receive("62 02 0009");
  CHECK(client.end_code() == reason_code::protocol_error);
}

TEST_CASE("answers may come late and in any order") {
  connected_client client(v5);
  client.log.publish_answer.reset();
  client.receive_publish(1, qos::at_least_once);
  client.receive_publish(2, qos::exactly_once);
  client.receive_publish(3, qos::at_least_once);
  CHECK(client.sent().empty());
  auto& core = client.core();
  core.complete_publish(3, qos::at_least_once, reason_code::success);
  core.complete_publish(2, qos::exactly_once,
                        reason_code::no_matching_subscribers);
  core.complete_publish(1, qos::at_least_once, reason_code::not_authorized);
  CHECK(client.sent() == "40 02 00 03 50 03 00 02 10 40 03 00 01 87");
}

TEST_CASE("a refused QoS 2 PUBLISH is over with its PUBREC (4.3.3)") {
  connected_client client(v5);
  client.log.publish_answer = reason_code::quota_exceeded;
  client.receive_publish(9, qos::exactly_once);
  CHECK(client.sent() == "50 03 00 09 97");
  client.receive_publish(9, qos::exactly_once);
  CHECK(client.events() == "publish a x qos 2\npublish a x qos 2");
  client.sent();
  client.receive("62 02 0009");
  CHECK(client.sent() == "70 03 00 09 92");
}

TEST_CASE("3.x cannot be refused: no answer, and the client may try again") {
  connected_client client(v3_1_1);
  client.log.publish_answer = reason_code::quota_exceeded;
  client.receive_publish(1, qos::at_least_once);
  client.receive_publish(2, qos::exactly_once);
  CHECK(client.sent().empty());
  client.log.publish_answer = reason_code::success;
  client.receive_publish(2, qos::exactly_once);
  CHECK(client.sent() == "50 02 00 02");
}

TEST_CASE("3.x is not told that nobody subscribed") {
  connected_client client(v3_1_1);
  client.log.publish_answer = reason_code::no_matching_subscribers;
  client.receive_publish(1, qos::at_least_once);
  CHECK(client.sent() == "40 02 00 01");
}

// -- Receive Maximum --------------------------------------------------------

TEST_CASE("more unanswered PUBLISH than Receive Maximum end a 5.0 client "
          "[MQTT-3.3.4-7]") {
  session_limits limits;
  limits.receive_maximum_server = 2;
  connected_client client(v5, "", limits);
  client.log.publish_answer.reset();
  client.receive_publish(1, qos::at_least_once);
  client.receive_publish(2, qos::exactly_once);
  client.receive_publish(0, qos::at_most_once); // is not limited (4.9)
  client.receive_publish(2, qos::exactly_once); // takes no second place
  CHECK_FALSE(client.core().has_ended());
  client.receive_publish(3, qos::at_least_once);
  CHECK(client.sent() == bytes("E0 26 93 24 1F 0021"
                               "'more PUBLISH than Receive Maximum'"));
  CHECK(client.end_code() == reason_code::receive_maximum_exceeded);
}

TEST_CASE("PUBACK, PUBCOMP and a refusing PUBREC each give a place back "
          "(4.9)") {
  session_limits limits;
  limits.receive_maximum_server = 1;
  connected_client client(v5, "", limits);
  client.receive_publish(1, qos::at_least_once);
  client.receive_publish(2, qos::exactly_once);
  client.receive("62 02 0002");
  client.log.publish_answer = reason_code::quota_exceeded;
  client.receive_publish(3, qos::exactly_once);
  client.receive_publish(4, qos::at_least_once);
  client.receive_publish(5, qos::exactly_once);
  CHECK_FALSE(client.core().has_ended());
  client.log.publish_answer = reason_code::success;
  client.receive_publish(6, qos::exactly_once);
  CHECK_FALSE(client.core().has_ended());
  client.receive_publish(7, qos::at_least_once); // 6 is not released yet
  CHECK(client.end_code() == reason_code::receive_maximum_exceeded);
}

TEST_CASE("Receive Maximum is nothing that 3.x could know") {
  session_limits limits;
  limits.receive_maximum_server = 1;
  connected_client client(v3_1_1, "", limits);
  client.log.publish_answer.reset();
  for (packet_id id = 1; id <= 100; ++id)
    client.receive_publish(id, qos::at_least_once);
  CHECK_FALSE(client.core().has_ended());
}

// -- topic names and aliases ------------------------------------------------

TEST_CASE("a PUBLISH to a wildcard ends the session [MQTT-3.3.2-2]") {
  for (auto* topic_name : {"a/#", "+", "+/b"}) {
    connected_client client(v5);
    client.receive_publish(0, qos::at_most_once, topic_name);
    CHECK(client.events() == "end topic_name_invalid");
  }
}

TEST_CASE("a topic name deeper than allowed ends the session") {
  session_limits limits;
  limits.topics.depth_max = 2;
  connected_client client(v3_1_1, "", limits);
  client.receive_publish(0, qos::at_most_once, "a/b");
  CHECK_FALSE(client.core().has_ended());
  client.receive_publish(0, qos::at_most_once, "a/b/c");
  CHECK(client.sent().empty());
  CHECK(client.end_code() == reason_code::topic_name_invalid);
}

TEST_CASE("an alias stands for the topic name sent with it, until it is sent "
          "with another [MQTT-3.3.2-12]") {
  connected_client client(v5, "", with_aliases(2));
  client.receive("30 08 0001 'a' 03 23 0002 '1'  30 07 0000 03 23 0002 '2'"
                 "30 08 0001 'b' 03 23 0002 '3'  30 07 0000 03 23 0002 '4'");
  CHECK(client.events()
        == "publish a 1 qos 0\npublish a 2 qos 0\n"
           "publish b 3 qos 0\npublish b 4 qos 0");
}

TEST_CASE("an alias above the maximum is invalid [MQTT-3.3.2-9]") {
  connected_client client(v5, "", with_aliases(2));
  client.receive("30 08 0001 'a' 03 23 0003 '1'");
  CHECK(client.events() == "end topic_alias_invalid");
  connected_client without(v5);
  without.receive("30 08 0001 'a' 03 23 0001 '1'");
  CHECK(without.end_code() == reason_code::topic_alias_invalid);
}

TEST_CASE("alias zero is invalid [MQTT-3.3.2-8]") {
  connected_client client(v5, "", with_aliases(2));
  client.receive("30 08 0001 'a' 03 23 0000 '1'");
  CHECK(client.end_code() == reason_code::topic_alias_invalid);
}

TEST_CASE("an alias that was never set is a protocol error (3.3.2.3.4)") {
  connected_client client(v5, "", with_aliases(2));
  client.receive("30 07 0000 03 23 0001 '1'");
  CHECK(client.end_code() == reason_code::protocol_error);
}

TEST_CASE("a repeated QoS 2 PUBLISH may set an alias too (3.3.2.3.4)") {
  connected_client client(v5, "", with_aliases(1));
  client.receive_publish(9, qos::exactly_once);
  client.receive("3C 0A 0001 'b' 0009 03 23 0001 'x'"
                 "30 07 0000 03 23 0001 '2'");
  CHECK(client.events() == "publish a x qos 2\npublish b 2 qos 0");
}

// -- properties -------------------------------------------------------------

TEST_CASE("properties travel on, but what belongs to this hop does not "
          "[MQTT-3.3.2-17]") {
  connected_client client(v5, "", with_aliases(1));
  // Payload format, alias, a user property, expiry, content type.
  client.receive("31 1A 0001 'a' 15 01 01 23 0001 26 0001 'k' 0001 'v'"
                 "02 0000 0009 03 0001 't' 'x'");
  CHECK(client.events()
        == "publish a x qos 0 retain expiry 9 [1:1'''' 38:0'k''v' 3:0'''t']");
}

TEST_CASE("with nothing but hop properties nothing travels on") {
  connected_client client(v5, "", with_aliases(1));
  client.receive("30 0D 0001 'a' 08 23 0001 02 0000 0009 'x'");
  CHECK(client.events() == "publish a x qos 0 expiry 9");
}

TEST_CASE("a client may not send a Subscription Identifier [MQTT-3.3.4-6]") {
  connected_client client(v5);
  client.receive("30 07 0001 'a' 02 0B 01 'x'");
  CHECK(client.events() == "end protocol_error");
}

// -- the stream of bytes ----------------------------------------------------

TEST_CASE("a packet may come in pieces, and several at once") {
  connected_client client(v3_1_1);
  auto stream = hex("32 06 0001 'a' 0001 'x' C0 00 30 04 0001 'a' 'y'");
  for (auto byte : stream)
    client.receive_bytes({&byte, 1});
  CHECK(client.sent() == "40 02 00 01 D0 00");
  CHECK(client.events() == "publish a x qos 1\npublish a y qos 0");
  client.receive_bytes(stream);
  CHECK(client.events() == "publish a x qos 1\npublish a y qos 0");
}

TEST_CASE("a packet above the size limit is refused before it is there "
          "[MQTT-3.2.2-15]") {
  session_limits limits;
  limits.packet_size_max = 64;
  connected_client client(v5, "", limits);
  client.receive_publish(0, qos::at_most_once, "a", std::string(58, 'x'));
  CHECK_FALSE(client.core().has_ended());
  client.receive("30 3F");
  CHECK(client.end_code() == reason_code::packet_too_large);
  CHECK(client.sent().starts_with("E0 "));
}

TEST_CASE("malformed packets end the session, 5.0 is told "
          "[MQTT-4.13.1-1] (3.1.1, 4.8)") {
  for (auto* notation :
       {"00 00", "31 80 80 80 80 01", "36 07 0001 'a' 0001 00 'x'",
        "38 04 0001 'a' 00", "30 01 00", "30 04 0001 FF 00", "61 02 0001",
        "62 01 00", "40 05 0001 00 00 00", "C0 01 00", "82 03 0001 00"}) {
    CAPTURE(notation);
    connected_client client(v5);
    client.receive(notation);
    CHECK(client.core().has_ended());
    CHECK(client.sent().starts_with("E0 "));
    connected_client older(v3_1_1);
    older.receive(notation);
    CHECK(older.core().has_ended());
    CHECK(older.sent().empty());
  }
}

TEST_CASE("packet id zero is a protocol error [MQTT-2.2.1-2]") {
  for (auto* notation : {"32 07 0001 'a' 0000 00 'x'", "40 02 0000",
                         "50 02 0000", "62 02 0000", "70 02 0000",
                         "82 07 0000 00 0001 'a' 00"}) {
    connected_client client(v5);
    client.receive(notation);
    CHECK(client.end_code() == reason_code::protocol_error);
  }
}

TEST_CASE("what comes after the end is neither handled nor taken") {
  connected_client client(v5);
  client.receive("E0 00 30 05 0001 'a' 00 'x'");
  CHECK(client.events() == "end success will discarded");
  client.receive("C0 00");
  client.core().complete_publish(1, qos::at_least_once, reason_code::success);
  client.core().end(reason_code::server_shutting_down);
  client.core().on_transport_closed();
  CHECK(client.run_timer() == -1);
  CHECK(client.sent().empty());
  CHECK(client.events().empty());
}

// -- hold -------------------------------------------------------------------

TEST_CASE("a held session takes nothing until it is let go") {
  connected_client client(v3_1_1);
  client.core().hold(true);
  CHECK(client.core().is_paused());
  CHECK_FALSE(client.core().is_awaiting_reply());
  client.receive("C0 00");
  CHECK(client.sent().empty());
  client.core().hold(false);
  client.receive("C0 00");
  CHECK(client.sent() == "D0 00 D0 00");
}

TEST_CASE("a held session can be delivered to and ended") {
  connected_client client(v3_1_1);
  client.core().hold(true);
  client.deliver("a", qos::at_most_once);
  CHECK(client.sent() == bytes("30 04 0001 't' 'a'"));
  client.core().end(reason_code::session_taken_over);
  CHECK(client.end_code() == reason_code::session_taken_over);
}

TEST_CASE("a sink that holds the session stops it after the packet at hand") {
  session_state state;
  holding_sink sink;
  connect_request request;
  request.packet.version = v3_1_1;
  session core{{}, request, state, sink};
  sink.core = &core;
  core.start(false, {});
  auto stream = hex("30 03 0001 'a' 30 03 0001 'b'");
  bytes_view buffer = stream;
  core.on_bytes(buffer, {});
  CHECK(sink.published == 1);
  CHECK(buffer.size() == 5);
  core.hold(false);
  core.on_bytes(buffer, {});
  CHECK(sink.published == 2);
  CHECK(buffer.empty());
}

} // namespace session_input_test
