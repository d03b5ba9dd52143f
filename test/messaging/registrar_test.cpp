#include "actors/messaging/registrar.hpp"

#include "test/support/messaging_node.hpp"

#include <doctest/doctest.h>

#include <atomic>
#include <optional>
#include <thread>
#include <vector>

namespace registrar_test {

using namespace hetzel;
using namespace hetzel::messaging;
using hetzel::test::client_options;
using hetzel::test::connection_lost;
using hetzel::test::messaging_client;
using hetzel::test::messaging_node;
using hetzel::test::node_probe;
using hetzel::test::open_config;

namespace {

using mqtt::reason_code;

constexpr auto qos_1 = mqtt::qos::at_least_once;
constexpr std::uint32_t for_ever = 0xFFFF'FFFF;

client_options persistent(std::string client_id, bool clean_start = false) {
  return hetzel::test::persistent(std::move(client_id), clean_start, for_ever);
}

/// Whether that connection is the one that is left: the others get 0x8E.
bool has_survived(messaging_client& client) {
  try {
    client.ping();
    return true;
  } catch (const connection_lost&) {
    return false;
  }
}

/// `count` connections of one client id, begun as much at the same time as
/// threads can. Returns how many are open once all have been answered; they are
/// closed then.
int race(messaging_node& node, int count, const client_options& options) {
  std::vector<std::optional<messaging_client>> clients(
    static_cast<std::size_t>(count));
  std::atomic<int> ready{0};
  std::vector<std::thread> threads;
  for (auto& place : clients)
    threads.emplace_back([&] {
      place.emplace(node.port());
      ++ready;
      while (ready < count)
        std::this_thread::yield();
      try {
        place->connect(options);
      } catch (const connection_lost&) {
        // Taken over before its CONNACK left.
        place->close();
      }
    });
  for (auto& one : threads)
    one.join();
  int open = 0;
  for (auto& place : clients)
    open += has_survived(*place) ? 1 : 0;
  return open;
}

} // namespace

TEST_CASE("of many CONNECTs with one client id at the same time exactly one "
          "stays [MQTT-3.1.4-3]") {
  messaging_node node;
  for (const bool clean_start : {true, false})
    for (int round = 0; round < 5; ++round)
      CHECK(race(node, 12, persistent("contended", clean_start)) == 1);
  CHECK(node_probe::eventually([&] {
    return node.probe.all("messaging.session").empty()
           && node.probe.all("messaging.queue").size() == 1;
  }));
  CHECK(node.exchange.sessions == 1);
}

TEST_CASE("a takeover tells the old connection, the new one goes on with the "
          "Session [MQTT-3.1.4-3] [MQTT-3.1.2-5]") {
  messaging_node node;
  auto old = node.client(persistent("c"));
  old.subscribe("t", {qos_1});
  messaging_client fresh{node.port()};
  CHECK(fresh.connect(persistent("c")).session_present);
  CHECK(old.wait_closed() == reason_code::session_taken_over);
  fresh.publish("t", "x");
  CHECK(fresh.next().payload == "x");
}

TEST_CASE("clean start ends the old Session with its messages and "
          "subscriptions [MQTT-3.1.2-4]") {
  messaging_node node;
  auto old = node.client(persistent("c"));
  old.subscribe("t", {qos_1});
  old.disconnect();
  messaging_client fresh{node.port()};
  CHECK(!fresh.connect(persistent("c", true)).session_present);
  auto publisher = node.client("pub");
  CHECK(publisher.publish("t", "x") == reason_code::no_matching_subscribers);
}

TEST_CASE("max_sessions refuses one more with 0x97, not one that comes back") {
  auto config = open_config();
  config.messaging.max_sessions = 2;
  messaging_node node{config};
  auto one = node.client(persistent("one"));
  auto two = node.client("two");
  messaging_client three{node.port()};
  CHECK(three.connect({.client_id = "three"}).code
        == reason_code::quota_exceeded);
  one.close();
  messaging_client again{node.port()};
  CHECK(again.connect(persistent("one")).session_present);
  // Its Session ends with the connection, and its place is free.
  two.disconnect();
  CHECK(node_probe::eventually([&] {
    return three.connect({.client_id = "three"}).code == reason_code::success;
  }));
}

TEST_CASE("connections, Sessions and what waits in them outlive the "
          "registrar") {
  messaging_node node;
  const auto id = node.id_on(0, "online");
  const auto offline_id = node.id_on(0, "offline");
  auto online = node.client(persistent(id));
  auto offline = node.client(persistent(offline_id));
  online.subscribe("t", {qos_1});
  offline.subscribe("t", {qos_1});
  offline.disconnect();
  online.publish("t", "before");
  CHECK(online.next().payload == "before");

  CHECK(node.restart("messaging.registrar", 0));
  online.publish("t", "after");
  CHECK(online.next().payload == "after");
  CHECK(offline.connect(persistent(offline_id)).session_present);
  CHECK(offline.next().payload == "before");
  CHECK(offline.next().payload == "after");
}

TEST_CASE("a restarted registrar supervises what its forerunner left") {
  messaging_node node;
  const auto id = node.id_on(0, "c");
  auto client = node.client(persistent(id));
  const auto queue = node.probe.find("messaging.queue", "client_id", id);
  CHECK(node.restart("messaging.registrar", 0));
  // Listed again, and the same actors.
  CHECK(node.probe.find("messaging.queue", "client_id", id)->listing.actor
        == queue->listing.actor);
  CHECK(node.probe.all("messaging.session").size() == 1);
  // Serialised by the new one.
  messaging_client fresh{node.port()};
  CHECK(fresh.connect(persistent(id)).session_present);
  CHECK(client.wait_closed() == reason_code::session_taken_over);
  // Its end is noticed.
  node_probe::kill(
    node.probe.find("messaging.queue", "client_id", id)->listing.actor);
  CHECK(node_probe::eventually([&] {
    return !node.probe.find("messaging.queue", "client_id", id);
  }));
}

TEST_CASE("CONNECTs race with restarts of the registrar, and exactly one "
          "stays") {
  messaging_node node;
  const auto id = node.id_on(0, "c");
  std::atomic<bool> is_done{false};
  std::thread killing{[&] {
    for (int i = 0; i < 3; ++i)
      CHECK(node.restart("messaging.registrar", 0));
    is_done = true;
  }};
  while (!is_done)
    race(node, 6, persistent(id));
  killing.join();
  CHECK(race(node, 12, persistent(id)) == 1);
  CHECK(node_probe::eventually([&] {
    return node.probe.all("messaging.session").empty()
           && node.probe.all("messaging.queue").size() == 1;
  }));
}

} // namespace registrar_test
