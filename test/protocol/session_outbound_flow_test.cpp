#include "protocol/session/outbound_flow.hpp"

#include "protocol/assert.hpp"
#include "test/support/session_fixture.hpp"

#include <doctest/doctest.h>

#include <string>
#include <vector>

namespace session_outbound_flow_test {

using namespace hetzel::mqtt;
using hetzel::test::make_delivery;

namespace {

using step = outbound_flow::step;

outbound_flow attached(std::uint16_t window) {
  outbound_flow flow;
  flow.attach(window);
  return flow;
}

packet_id open(outbound_flow& flow, const std::string& payload,
               qos quality = qos::at_least_once, std::uint32_t now_ms = 0) {
  auto id = flow.next_id({});
  flow.open(make_delivery(payload, quality), now_ms);
  return id;
}

std::string payload_of(const delivery& item) {
  return std::string{item.message->payload()};
}

// Sends the backlog as far as the window goes.
std::string resend_all(outbound_flow& flow) {
  std::string sent;
  while (auto* next = flow.next_of_backlog()) {
    sent += std::to_string(next->id)
            + (next->awaits == step::pubcomp ? "rel " : " ");
    flow.mark_resent(0);
  }
  return sent;
}

} // namespace

TEST_CASE("packet ids count up from 1 [MQTT-2.2.1-4]") {
  auto flow = attached(10);
  CHECK(open(flow, "a") == 1);
  CHECK(open(flow, "b") == 2);
  CHECK(flow.size() == 2);
}

TEST_CASE("an id is not given again while its exchange is open") {
  auto flow = attached(65'535);
  auto first = open(flow, "stuck");
  for (int i = 0; i < 65'534; ++i) {
    REQUIRE(flow.credit() > 0);
    auto id = open(flow, "x");
    REQUIRE(id != first);
    flow.settle(*flow.find(id));
  }
  CHECK(flow.next_id({}) == first);
  CHECK(flow.credit() == 0);
  CHECK_FALSE(flow.can_open());
  CHECK_THROWS_AS(open(flow, "y"), hetzel::assertion_failed);
  CHECK(payload_of(flow.settle(*flow.find(first))) == "stuck");
  CHECK(flow.credit() == 65'535);
}

TEST_CASE("65,535 exchanges can be open, and no more") {
  auto flow = attached(65'535);
  for (int i = 0; i < 65'535; ++i)
    open(flow, "x");
  CHECK(flow.credit() == 0);
  CHECK(flow.find(1) != nullptr);
  CHECK(flow.find(65'535) != nullptr);
  flow.settle(*flow.find(40'000));
  CHECK(flow.credit() == 0); // its id is free, but not the next one
  flow.settle(*flow.find(1));
  CHECK(flow.credit() == 1);
}

TEST_CASE("the window bounds what is open") {
  auto flow = attached(2);
  CHECK(flow.credit() == 2);
  auto first = open(flow, "a");
  open(flow, "b");
  CHECK(flow.credit() == 0);
  flow.settle(*flow.find(first));
  CHECK(flow.credit() == 1);
}

TEST_CASE("acknowledgements in any order find their exchange") {
  auto flow = attached(100);
  std::vector<packet_id> ids;
  for (int i = 0; i < 100; ++i)
    ids.push_back(open(flow, std::to_string(i)));
  // 37 and 100 have no common factor: a permutation.
  for (std::size_t i = 0; i < 100; ++i) {
    auto which = (i * 37 + 11) % 100;
    auto* found = flow.find(ids[which]);
    REQUIRE(found != nullptr);
    CHECK(payload_of(flow.settle(*found)) == std::to_string(which));
    CHECK(flow.find(ids[which]) == nullptr);
  }
  CHECK(flow.empty());
}

TEST_CASE("ids that were never given are not found") {
  auto flow = attached(10);
  CHECK(flow.find(1) == nullptr);
  open(flow, "a");
  CHECK(flow.find(0) == nullptr);
  CHECK(flow.find(2) == nullptr);
  CHECK(flow.find(65'535) == nullptr);
}

TEST_CASE("one exchange that is never answered does not make the ring grow") {
  auto flow = attached(20);
  auto stuck = open(flow, "stuck");
  for (int i = 0; i < 30'000; ++i) {
    auto one = open(flow, "x");
    auto other = open(flow, "y");
    flow.settle(*flow.find(other));
    flow.settle(*flow.find(one));
  }
  CHECK(flow.size() == 1);
  CHECK(payload_of(flow.settle(*flow.find(stuck))) == "stuck");
}

TEST_CASE("a new connection gets what was open first, in the order it was "
          "sent [MQTT-4.4.0-1] [MQTT-4.6.0-1]") {
  auto flow = attached(10);
  open(flow, "a");
  auto second = open(flow, "b", qos::exactly_once);
  auto third = open(flow, "c");
  open(flow, "d");
  outbound_flow::on_received(*flow.find(second));
  flow.settle(*flow.find(third));
  flow.attach(10);
  CHECK(flow.has_backlog());
  CHECK(flow.credit() == 0);
  CHECK(resend_all(flow) == "1 2rel 4 ");
  CHECK_FALSE(flow.has_backlog());
  CHECK(flow.credit() == 7);
}

TEST_CASE("the backlog keeps to a smaller window [MQTT-3.3.4-9]") {
  auto flow = attached(10);
  for (int i = 0; i < 5; ++i)
    open(flow, "x");
  flow.attach(2);
  CHECK(resend_all(flow) == "1 2 ");
  CHECK(flow.credit() == 0);
  flow.settle(*flow.find(2));
  CHECK(resend_all(flow) == "3 ");
  flow.settle(*flow.find(1));
  flow.settle(*flow.find(3));
  CHECK(resend_all(flow) == "4 5 ");
}

TEST_CASE("an answer to a message of the earlier connection takes it out of "
          "the backlog") {
  auto flow = attached(10);
  for (int i = 0; i < 3; ++i)
    open(flow, "x");
  flow.attach(1);
  CHECK(resend_all(flow) == "1 ");
  flow.settle(*flow.find(3));
  flow.settle(*flow.find(2));
  CHECK_FALSE(flow.has_backlog());
  flow.settle(*flow.find(1));
  CHECK(flow.credit() == 1);
}

TEST_CASE("only what is old enough is sent again") {
  auto flow = attached(10);
  open(flow, "a", qos::at_least_once, 1000);
  open(flow, "b", qos::at_least_once, 5000);
  std::string again;
  auto note = [&](const outbound_flow::exchange& open_one) {
    again += payload_of(open_one.item);
  };
  CHECK(flow.resend_due(10'999, 10'000, note) == 1U);
  CHECK(again.empty());
  CHECK(flow.resend_due(11'000, 10'000, note) == 4000U);
  CHECK(again == "a");
  // The count of milliseconds wraps.
  CHECK(flow.resend_due(11'000 + 10'000, 10'000, note) == 10'000U);
  CHECK(again == "aab");
}

TEST_CASE("what is wanted elsewhere can be taken out") {
  auto flow = attached(10);
  open(flow, "keep 1");
  open(flow, "take 2");
  open(flow, "keep 3", qos::exactly_once);
  open(flow, "take 4");
  auto taken = flow.take_if([](const outbound_flow::exchange& one) {
    return one.item.message->payload().starts_with("take");
  });
  REQUIRE(taken.size() == 2);
  CHECK(payload_of(taken[0]) == "take 2");
  CHECK(payload_of(taken[1]) == "take 4");
  CHECK(flow.size() == 2);
  CHECK(flow.find(2) == nullptr);
  CHECK(flow.find(3) != nullptr);
  CHECK(flow.take_all().size() == 2);
  CHECK(flow.empty());
  CHECK(flow.credit() == 10);
}

TEST_CASE("a moved flow keeps its exchanges and goes on counting ids") {
  auto flow = attached(10);
  open(flow, "a");
  open(flow, "b");
  auto moved = std::move(flow);
  CHECK(moved.size() == 2);
  CHECK(open(moved, "c") == 3);
  moved = outbound_flow{};
  CHECK(moved.empty());
}

} // namespace session_outbound_flow_test
