#include "actors/messaging/overload/monitor.hpp"

#include "test/support/messaging_client.hpp"
#include "test/support/messaging_node.hpp"

#include <doctest/doctest.h>

#include <string>

namespace overload_monitor_test {

using namespace hetzel;
using namespace hetzel::messaging;
using namespace std::chrono_literals;
using hetzel::test::entry_of;
using hetzel::test::messaging_client;
using hetzel::test::messaging_node;
using hetzel::test::node_probe;
using hetzel::test::open_config;
using mqtt::reason_code;

namespace {

constexpr auto qos_0 = mqtt::qos::at_most_once;
constexpr auto qos_1 = mqtt::qos::at_least_once;

live_config measuring(std::optional<std::size_t> memory_max) {
  auto config = open_config();
  auto& overload = config.messaging.overload;
  overload.interval = 10ms;
  overload.hold = 0ms;
  overload.memory_max = memory_max;
  overload.lag_max = overload.store_lag_max = std::nullopt;
  return config;
}

bool is_at(messaging_node& node, overload_level level) {
  return node_probe::eventually(
    [&] { return node.exchange.overload_level() == level; });
}

reason_code connected(messaging_node& node, const std::string& client_id) {
  messaging_client client{node.port()};
  return client.connect({.client_id = client_id}).code;
}

} // namespace

TEST_CASE("a node that needs too much memory takes no clients until it needs "
          "less; those that are there stay") {
  messaging_node node{measuring(std::nullopt)};
  auto early = node.client("early");
  node.exchange.set_config(measuring(1));
  REQUIRE(is_at(node, overload_level::critical));
  CHECK(connected(node, "late") == reason_code::server_busy);
  early.subscribe("t", {qos_1});
  CHECK(early.publish("t", "dropped", qos_0) == reason_code::success);
  CHECK(early.publish("t", "kept", qos_1) == reason_code::success);
  CHECK(early.next().payload == "kept");
  node.exchange.set_config(measuring(std::nullopt));
  REQUIRE(is_at(node, overload_level::none));
  CHECK(connected(node, "late") == reason_code::success);
}

TEST_CASE("the monitor says what it measured, and its end ends the shedding") {
  messaging_node node{measuring(1)};
  REQUIRE(is_at(node, overload_level::critical));
  const auto described = node.probe.all("messaging.overload_monitor").at(0);
  CHECK(entry_of(described, "level") == "critical");
  CHECK(entry_of(described, "cause") == "memory");
  CHECK(std::stoull(entry_of(described, "memory_bytes")) > 1'000'000);
  node.exchange.set_config(measuring(std::nullopt));
  node_probe::kill(described.listing.actor);
  CHECK(is_at(node, overload_level::none));
}

} // namespace overload_monitor_test
