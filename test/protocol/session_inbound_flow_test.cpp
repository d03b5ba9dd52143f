#include "protocol/session/inbound_flow.hpp"

#include <doctest/doctest.h>

#include <map>
#include <random>
#include <set>

namespace session_inbound_flow_test {

using namespace hetzel::mqtt;

namespace {

using verdict = inbound_flow::verdict;
using released = inbound_flow::release_verdict;

inbound_flow attached(std::uint16_t receive_maximum) {
  inbound_flow flow;
  flow.attach(receive_maximum);
  return flow;
}

} // namespace

TEST_CASE("a QoS 2 id is routed once until it is released [MQTT-4.3.3-10]") {
  auto flow = attached(10);
  CHECK(flow.receive_qos_2(7) == verdict::route);
  CHECK(flow.receive_qos_2(7) == verdict::in_routing);
  CHECK(flow.complete_qos_2(7, true));
  CHECK(flow.receive_qos_2(7) == verdict::answer);
  CHECK(flow.release(7) == released::released);
  CHECK(flow.release(7) == released::in_release);
  CHECK(flow.finish_release(7));
  CHECK(!flow.finish_release(7));
  CHECK(flow.release(7) == released::unknown);
  CHECK(flow.receive_qos_2(7) == verdict::route);
}

TEST_CASE("PUBREL before PUBREC is the client's fault") {
  auto flow = attached(10);
  CHECK(flow.receive_qos_2(7) == verdict::route);
  CHECK(flow.release(7) == released::premature);
}

TEST_CASE("a refused QoS 2 PUBLISH frees its id at once") {
  auto flow = attached(1);
  CHECK(flow.receive_qos_2(7) == verdict::route);
  CHECK(flow.complete_qos_2(7, false));
  CHECK(flow.unreleased() == 0);
  CHECK(flow.receive_qos_2(7) == verdict::route);
}

TEST_CASE("what nobody will complete behind the end of a connection is routed "
          "again when it comes again") {
  auto flow = attached(10);
  for (packet_id id = 1; id <= 4; ++id)
    CHECK(flow.receive_qos_2(id) == verdict::route);
  CHECK(flow.complete_qos_2(1, true));
  flow.set_in_store(2, true);
  flow.set_in_store(3, true);
  flow.set_in_store(3, false);
  flow.detach();
  flow.attach(10);
  CHECK(flow.receive_qos_2(1) == verdict::answer);
  CHECK(flow.receive_qos_2(2) == verdict::in_routing);
  CHECK(flow.receive_qos_2(3) == verdict::route);
  CHECK(flow.receive_qos_2(4) == verdict::route);
  CHECK(flow.complete_qos_2(2, true));
}

TEST_CASE("QoS 1 and QoS 2 share one Receive Maximum [MQTT-3.3.4-7]") {
  auto flow = attached(2);
  CHECK(flow.receive_qos_1() == verdict::route);
  CHECK(flow.receive_qos_2(1) == verdict::route);
  CHECK(flow.receive_qos_1() == verdict::over_limit);
  CHECK(flow.receive_qos_2(2) == verdict::over_limit);
  flow.complete_qos_1();
  CHECK(flow.receive_qos_1() == verdict::route);
}

TEST_CASE("PUBREC frees no place, the end of the exchange does") {
  auto flow = attached(1);
  CHECK(flow.receive_qos_2(1) == verdict::route);
  flow.complete_qos_2(1, true);
  CHECK(flow.receive_qos_1() == verdict::over_limit);
  CHECK(flow.release(1) == released::released);
  CHECK(flow.finish_release(1));
  CHECK(flow.receive_qos_1() == verdict::route);
}

TEST_CASE("a repeated PUBLISH takes no second place") {
  auto flow = attached(1);
  CHECK(flow.receive_qos_2(1) == verdict::route);
  CHECK(flow.receive_qos_2(1) == verdict::in_routing);
  flow.complete_qos_2(1, true);
  CHECK(flow.receive_qos_2(1) == verdict::answer);
  CHECK(flow.unanswered() == 1);
}

TEST_CASE("ids outlive the connection, their count does not (MQTT 5, 4.9)") {
  auto flow = attached(2);
  CHECK(flow.receive_qos_2(1) == verdict::route);
  CHECK(flow.receive_qos_2(2) == verdict::route);
  flow.complete_qos_2(1, true);
  flow.complete_qos_2(2, true);
  flow.attach(1);
  CHECK(flow.unreleased() == 2);
  CHECK(flow.unanswered() == 0);
  CHECK(flow.receive_qos_2(1) == verdict::answer);
  // The second was not repeated on this connection: its PUBREL frees nothing.
  CHECK(flow.release(2) == released::released);
  CHECK(flow.finish_release(2));
  CHECK(flow.unanswered() == 1);
  CHECK(flow.receive_qos_1() == verdict::over_limit);
}

TEST_CASE("an answer that comes after the connection is due only when the "
          "PUBLISH was repeated") {
  auto flow = attached(10);
  CHECK(flow.receive_qos_2(1) == verdict::route);
  CHECK(flow.receive_qos_2(2) == verdict::route);
  flow.attach(10);
  CHECK(flow.receive_qos_2(1) == verdict::in_routing);
  CHECK(flow.complete_qos_2(1, true));
  CHECK_FALSE(flow.complete_qos_2(2, true));
  CHECK(flow.receive_qos_2(2) == verdict::answer);
}

TEST_CASE("an answer for an id nobody knows is not due") {
  auto flow = attached(10);
  CHECK_FALSE(flow.complete_qos_2(9, true));
  flow.complete_qos_1();
  CHECK(flow.unanswered() == 0);
}

TEST_CASE("all 65,535 ids can wait for release") {
  auto flow = attached(65'535);
  for (unsigned id = 1; id <= 65'535; ++id) {
    REQUIRE(flow.receive_qos_2(static_cast<packet_id>(id)) == verdict::route);
    flow.complete_qos_2(static_cast<packet_id>(id), true);
  }
  CHECK(flow.unreleased() == 65'535);
  CHECK(flow.receive_qos_2(65'535) == verdict::answer);
  for (unsigned id = 65'535; id >= 1; --id) {
    REQUIRE(flow.release(static_cast<packet_id>(id)) == released::released);
    REQUIRE(flow.finish_release(static_cast<packet_id>(id)));
  }
  CHECK(flow.unreleased() == 0);
}

TEST_CASE("the table of ids is a set, whatever ids a client chooses") {
  std::mt19937 random{3};
  for (unsigned spread : {40U, 3'000U, 65'535U}) {
    auto flow = attached(65'535);
    std::set<packet_id> expected;
    for (int i = 0; i < 20'000; ++i) {
      auto id = static_cast<packet_id>(random() % spread + 1);
      if (random() % 2 == 0) {
        auto is_new = expected.insert(id).second;
        REQUIRE((flow.receive_qos_2(id) == verdict::route) == is_new);
        flow.complete_qos_2(id, true);
      } else {
        auto is_known = expected.erase(id) == 1;
        REQUIRE((flow.release(id) == released::released) == is_known);
        REQUIRE(flow.finish_release(id) == is_known);
      }
      REQUIRE(flow.unreleased() == expected.size());
    }
    auto moved = std::move(flow);
    for (auto id : expected)
      REQUIRE(moved.release(id) == released::released);
  }
}

TEST_CASE("an id of a former life is routed again when its PUBLISH is "
          "repeated, and released when PUBREL comes at once") {
  auto flow = attached(10);
  flow.restore(7);
  flow.restore(8);
  CHECK(flow.receive_qos_2(7) == verdict::route);
  CHECK(flow.receive_qos_2(7) == verdict::in_routing);
  CHECK(flow.complete_qos_2(7, true));
  CHECK(flow.receive_qos_2(7) == verdict::answer);
  CHECK(flow.release(8) == released::released);
  CHECK(flow.finish_release(8));
  CHECK(flow.unreleased() == 1);
}

} // namespace session_inbound_flow_test
