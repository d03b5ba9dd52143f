#include "protocol/session/keep_alive.hpp"
#include "protocol/session/session.hpp"

#include "test/support/hex.hpp"
#include "test/support/session_fixture.hpp"

#include <doctest/doctest.h>

#include <string>

namespace session_keep_alive_test {

using namespace hetzel::mqtt;
using namespace hetzel::test;
using namespace std::chrono_literals;

namespace {

constexpr auto v3_1_1 = protocol_version::v3_1_1;
constexpr auto v5 = protocol_version::v5;

std::string bytes(std::string_view notation) { return to_hex(hex(notation)); }

/// A client with a keep alive of ten seconds, so of fifteen.
class timed_client : public session_fixture {
public:
  explicit timed_client(protocol_version version, bool has_keep_alive = true) {
    hetzel::mqtt::connect packet;
    packet.version = version;
    packet.client_id = "client";
    packet.keep_alive = has_keep_alive ? 10s : 0s;
    session_fixture::connect(packet);
  }
};

} // namespace

// -- keep alive -------------------------------------------------------------

TEST_CASE("keep alive tolerates one and a half times its interval "
          "[MQTT-3.1.2-22]") {
  keep_alive rule{1s};
  rule.on_packet(time_point{100s});
  CHECK(rule.deadline() == time_point{101'500ms});
  CHECK_FALSE(rule.has_expired(time_point{101'499ms}));
  CHECK(rule.has_expired(time_point{101'500ms}));
  keep_alive none{0s};
  CHECK_FALSE(none.deadline().has_value());
  CHECK_FALSE(none.has_expired(time_point::max()));
}

TEST_CASE("a silent client is disconnected with 0x8D [MQTT-3.1.2-22]") {
  timed_client client(v5);
  CHECK(client.run_timer() == 15);
  client.advance(14'999ms);
  CHECK(client.run_timer() == doctest::Approx(0.001));
  client.advance(1ms);
  CHECK(client.run_timer() == -1);
  CHECK(client.sent() == "E0 01 8D");
  CHECK(client.events() == "end keep_alive_timeout");
  CHECK(client.log.counts[session_event::keep_alive_expired] == 1);
}

TEST_CASE("any complete packet is a sign of life (3.1.2.10)") {
  timed_client client(v3_1_1);
  client.advance(14s);
  client.receive_publish(0, qos::at_most_once);
  client.advance(14s);
  CHECK(client.run_timer() == 1);
  client.receive("C0"); // half of PINGREQ is none
  client.advance(1s);
  CHECK(client.run_timer() == -1);
  CHECK(client.end_code() == reason_code::keep_alive_timeout);
  CHECK(client.sent().empty());
}

TEST_CASE("what the server sends is no sign of life") {
  timed_client client(v3_1_1);
  client.advance(14s);
  client.deliver("x", qos::at_most_once);
  CHECK(client.run_timer() == 1);
}

TEST_CASE("a long packet that keeps coming is a sign of life, one that "
          "stops is not") {
  timed_client client(v3_1_1);
  client.receive("30 80 40"); // of 8,192 bytes
  for (int i = 0; i < 4; ++i) {
    client.advance(14s);
    client.receive_bytes(std::string(100, '\0'));
    CHECK(client.run_timer() == 15);
  }
  client.advance(15s);
  CHECK(client.run_timer() == -1);
}

TEST_CASE("keep alive zero is no limit [MQTT-3.1.2-20]") {
  timed_client client(v5, false);
  CHECK(client.run_timer() == -1);
  client.advance(1000h);
  CHECK(client.run_timer() == -1);
  CHECK_FALSE(client.core().has_ended());
}

TEST_CASE("the server's keep alive counts when it replaced the client's "
          "[MQTT-3.2.2-21]") {
  session_limits limits;
  limits.keep_alive_max = 2s;
  connected_client client(v5, "", limits);
  CHECK(client.run_timer() == 3);
}

TEST_CASE("silence while the server does not read is not the client's "
          "fault") {
  timed_client client(v5);
  client.core().hold(true);
  client.advance(100s);
  CHECK(client.run_timer() == 15);
  client.core().hold(false);
  client.advance(14s);
  client.core().excuse_silence(client.now());
  client.advance(14s);
  CHECK(client.run_timer() == 1);
  client.log.answers_requests = false;
  client.receive("82 07 0007 00 0001 'a' 00");
  client.advance(100s);
  CHECK(client.run_timer() == 15);
}

// -- resending --------------------------------------------------------------

TEST_CASE("3.x gets again what it does not answer, as often as it takes "
          "(3.1.1, 4.4)") {
  timed_client client(v3_1_1, false);
  client.deliver("x");
  CHECK(client.log.deadlines == std::vector{client.now() + 20s});
  client.sent();
  for (int i = 0; i < 3; ++i) {
    client.advance(19s);
    CHECK(client.run_timer() == 1);
    CHECK(client.sent().empty());
    client.advance(1s);
    CHECK(client.run_timer() == 20);
    CHECK(client.sent() == bytes("3A 06 0001 't' 0001 'x'"));
  }
  client.receive("40 02 0001");
  CHECK(client.run_timer() == -1);
  CHECK(client.log.counts[session_event::publish_resent] == 3);
}

TEST_CASE("PUBREL is sent again, and never PUBLISH after PUBREC "
          "[MQTT-4.3.3-5]") {
  timed_client client(v3_1_1, false);
  client.deliver("x", qos::exactly_once);
  client.receive("50 02 0001");
  client.sent();
  client.advance(20s);
  CHECK(client.run_timer() == 20);
  CHECK(client.sent() == "62 02 00 01");
}

TEST_CASE("5.0 gets nothing again on the same connection [MQTT-4.4.0-1]") {
  timed_client client(v5, false);
  client.deliver("x");
  CHECK(client.log.deadlines.empty());
  client.sent();
  client.advance(1000s);
  CHECK(client.run_timer() == -1);
  CHECK(client.sent().empty());
}

TEST_CASE("a retry interval of zero sends nothing again") {
  session_fixture client;
  client.limits.retry_interval = 0s;
  client.connect(v3_1_1);
  client.deliver("x");
  client.sent();
  client.advance(1000s);
  CHECK(client.run_timer() == -1);
  CHECK(client.sent().empty());
  CHECK(client.log.deadlines.empty());
}

TEST_CASE("what the server could not write yet is not sent twice") {
  timed_client client(v3_1_1, false);
  client.deliver("x");
  client.advance(20s);
  CHECK(client.run_timer() == 20);
  CHECK(client.sent() == bytes("32 06 0001 't' 0001 'x'"));
}

TEST_CASE("the deadline is told again only when it comes earlier") {
  timed_client client(v3_1_1);
  CHECK(client.run_timer() == 15);
  client.deliver("a");
  client.deliver("b");
  CHECK(client.log.deadlines.empty()); // keep alive is due before
  client.sent();
  client.receive("C0 00");
  client.advance(14s);
  client.receive("C0 00");
  client.sent();
  CHECK(client.run_timer() == 6); // of the two, resending is
}

TEST_CASE("resumed messages are watched from their resending on") {
  timed_client client(v3_1_1, false);
  client.deliver("x");
  client.advance(15s);
  client.connect(v3_1_1, {}, true);
  CHECK(client.log.deadlines.back() == client.now() + 20s);
  client.advance(19s);
  CHECK(client.run_timer() == 1);
}

// -- lifetime ---------------------------------------------------------------

namespace {

/// A client that may stay for a minute, whatever it does.
class short_lived : public session_fixture {
public:
  explicit short_lived(protocol_version version,
                       std::chrono::seconds keep_alive = 0s) {
    hetzel::mqtt::connect packet;
    packet.version = version;
    packet.client_id = "client";
    packet.keep_alive = keep_alive;
    limits.connection_lifetime_max = 60s;
    session_fixture::connect(packet);
  }
};

} // namespace

TEST_CASE("a connection that lasted as long as it may is ended with 0xA0, "
          "however busy it is (3.14.2.1)") {
  short_lived client(v5);
  CHECK(client.run_timer() == 60);
  client.advance(59'999ms);
  client.receive("C0 00");
  CHECK(client.sent() == "D0 00");
  CHECK(client.run_timer() == doctest::Approx(0.001));
  client.advance(1ms);
  CHECK(client.run_timer() == -1);
  CHECK(client.sent() == "E0 01 A0");
  CHECK(client.events() == "end maximum_connect_time");
  CHECK(client.log.counts[session_event::lifetime_ended] == 1);
}

TEST_CASE("a 3.x connection that lasted as long as it may is just closed") {
  short_lived client(v3_1_1);
  client.advance(60s);
  CHECK(client.run_timer() == -1);
  CHECK(client.sent().empty());
  CHECK(client.events() == "end maximum_connect_time");
}

TEST_CASE("the earlier of keep alive and lifetime ends a connection") {
  short_lived silent(v5, 10s);
  CHECK(silent.run_timer() == 15);
  silent.advance(15s);
  CHECK(silent.run_timer() == -1);
  CHECK(silent.sent() == "E0 01 8D");
  short_lived patient(v5, 100s);
  CHECK(patient.run_timer() == 60);
}

} // namespace session_keep_alive_test
