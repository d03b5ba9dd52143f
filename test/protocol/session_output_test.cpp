#include "protocol/session/session.hpp"

#include "test/support/hex.hpp"
#include "test/support/session_fixture.hpp"

#include <doctest/doctest.h>

#include <string>
#include <vector>

namespace session_output_test {

using namespace hetzel::mqtt;
using namespace hetzel::test;

namespace {

constexpr auto v3_1_1 = protocol_version::v3_1_1;
constexpr auto v5 = protocol_version::v5;

std::string bytes(std::string_view notation) { return to_hex(hex(notation)); }

/// The answer to a QoS 1 PUBLISH that is refused with a reason.
std::string refused_publish(std::string_view properties) {
  connected_client client(v5, properties);
  client.log.publish_answer.reset();
  client.receive_publish(1, qos::at_least_once);
  client.core().complete_publish(1, qos::at_least_once,
                                 reason_code::not_authorized, "why");
  return client.sent();
}

/// What a client is told when the server ends its session.
std::string goodbye(protocol_version version, reason_code code,
                    bytes_view reason = {}, std::string_view properties = {}) {
  connected_client client(version, properties);
  client.core().end(code, reason);
  CHECK(client.end_code() == code);
  CHECK_FALSE(client.log.end->will_discarded);
  return client.sent();
}

} // namespace

TEST_CASE("a reason is told unless the client does not want to know "
          "[MQTT-3.1.2-29]") {
  auto with_reason = bytes("40 0A 0001 87 06 1F 0003 'why'");
  CHECK(refused_publish("") == with_reason);
  CHECK(refused_publish("17 01") == with_reason);
  CHECK(refused_publish("17 00") == "40 03 00 01 87");
}

TEST_CASE("a reason that does not fit is left out, the code is not "
          "[MQTT-3.4.2-2]") {
  CHECK(refused_publish("27 0000 000C")
        == bytes("40 0A 0001 87 06 1F 0003 'why'"));
  CHECK(refused_publish("27 0000 000B") == "40 03 00 01 87");
}

TEST_CASE("PUBREC, SUBACK and UNSUBACK tell reasons too") {
  connected_client client(v5);
  client.log.publish_answer.reset();
  client.log.answers_requests = false;
  auto& core = client.core();
  client.receive_publish(1, qos::exactly_once);
  core.complete_publish(1, qos::exactly_once, reason_code::quota_exceeded, "q");
  CHECK(client.sent() == bytes("50 08 0001 97 04 1F 0001 'q'"));
  client.receive("82 07 0007 00 0001 'a' 01");
  core.complete_subscribe(7, std::vector{reason_code::not_authorized}, "s");
  CHECK(client.sent() == bytes("90 08 0007 04 1F 0001 's' 87"));
  client.receive("A2 06 0008 00 0001 'a'");
  core.complete_unsubscribe(8, std::vector{reason_code::success}, "u");
  CHECK(client.sent() == bytes("B0 08 0008 04 1F 0001 'u' 00"));
}

TEST_CASE("3.x is told no reasons") {
  connected_client client(v3_1_1);
  client.log.publish_answer.reset();
  client.receive_publish(1, qos::at_least_once);
  client.core().complete_publish(1, qos::at_least_once, reason_code::success,
                                 "why");
  CHECK(client.sent() == "40 02 00 01");
}

TEST_CASE("the server's end is told in 5.0 and not in 3.x [MQTT-4.13.2-1] "
          "(3.1.1, 3.14)") {
  constexpr auto code = reason_code::session_taken_over;
  CHECK(goodbye(v5, code) == "E0 01 8E");
  CHECK(goodbye(v5, code, "moved") == bytes("E0 0A 8E 08 1F 0005 'moved'"));
  CHECK(goodbye(v5, code, "moved", "17 00") == "E0 01 8E");
  CHECK(goodbye(v5, code, "moved", "27 0000 000B") == "E0 01 8E");
  CHECK(goodbye(v3_1_1, code, "moved").empty());
}

TEST_CASE("a code that a server may not send in DISCONNECT is not sent "
          "(3.14.2.1)") {
  CHECK(goodbye(v5, reason_code::disconnect_with_will_message).empty());
  CHECK(goodbye(v5, reason_code::client_identifier_not_valid).empty());
  CHECK(goodbye(v5, reason_code::success) == "E0 00");
}

TEST_CASE("a transport that breaks ends the session with nothing said, and "
          "the will stays [MQTT-3.1.2-8]") {
  connected_client client(v5);
  client.core().on_transport_closed();
  CHECK(client.sent().empty());
  CHECK(client.events() == "end unspecified_error");
}

TEST_CASE("SUBACK and UNSUBACK that do not fit end the session "
          "[MQTT-3.1.2-24]") {
  connected_client client(v5, "27 0000 0007");
  client.receive("82 0B 0007 00 0001 'a' 01 0001 'b' 01");
  CHECK(client.sent() == "90 05 00 07 00 01 01");
  client.receive("82 0F 0007 00 0001 'a' 01 0001 'b' 01 0001 'c' 01");
  CHECK(client.sent() == "E0 01 95");
  CHECK(client.end_code() == reason_code::packet_too_large);
  connected_client other(v5, "27 0000 0006");
  other.receive("A2 0C 0008 00 0001 'a' 0001 'b' 0001 'c'");
  CHECK(other.sent() == "E0 01 95");
}

TEST_CASE("the sink may answer, deliver and end from within its own calls") {
  // The log answers PUBLISH and SUBSCRIBE that way; here it is the end.
  class ending_sink final : public session_sink {
  public:
    session* core = nullptr;
    int ends = 0;

    void on_publish(const publish& packet) override {
      core->complete_publish(packet.id, packet.quality, reason_code::success);
      core->deliver(make_delivery("d", qos::at_most_once), {});
      core->end(reason_code::administrative_action);
      core->complete_publish(packet.id, packet.quality, reason_code::success);
    }
    void on_subscribe(const subscribe&,
                      std::span<const reason_code>) override {}
    void on_unsubscribe(const unsubscribe&) override {}
    void on_settled(const delivery&) override {}
    void on_dropped(const delivery&, session_event) override {}
    void on_end(const session_end&) override { ++ends; }
    void count(session_event) override {}
    void count_packet(packet_type, reason_code, bool) override {}
  };
  session_state state;
  ending_sink sink;
  connect_request request;
  request.packet.version = v5;
  session core{{}, request, state, sink};
  sink.core = &core;
  core.start(false, {});
  core.output().clear();
  auto stream = hex("32 06 0001 'a' 0001 00 C0 00");
  bytes_view buffer = stream;
  core.on_bytes(buffer, {});
  bytes_view sent;
  CHECK(core.output().gather({&sent, 1}) == 1);
  CHECK(to_hex(sent)
        == bytes("40 02 0001  30 05 0001 't' 00 'd'  E0 01 98"));
  CHECK(buffer.size() == 2);
  CHECK(sink.ends == 1);
}

} // namespace session_output_test
