#include "actors/messaging/queue_actor.hpp"

#include "test/support/messaging_node.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <set>

namespace queue_actor_test {

using namespace hetzel;
using namespace hetzel::messaging;
using hetzel::test::entry_of;
using hetzel::test::messaging_client;
using hetzel::test::messaging_node;
using hetzel::test::node_probe;
using hetzel::test::open_config;
using hetzel::test::persistent;

namespace {

using mqtt::reason_code;

constexpr auto qos_1 = mqtt::qos::at_least_once;
constexpr auto qos_2 = mqtt::qos::exactly_once;

void kill_queue(const messaging_node& node, std::string_view client_id) {
  node_probe::kill(node.probe.find("messaging.queue", "client_id", client_id)
                     ->listing.actor);
}

} // namespace

TEST_CASE("a queue says whether its client is online, and what it holds") {
  messaging_node node;
  auto client = node.client(persistent("c"));
  client.subscribe("t", {qos_1});
  const auto entry = [&](std::string_view key) {
    return node.probe.of_client("messaging.queue", "c", key);
  };
  CHECK(entry("state") == "online");
  CHECK(entry("subscriptions") == "1");
  client.disconnect();
  CHECK(node_probe::eventually([&] { return entry("state") == "offline"; }));
  auto publisher = node.client("pub");
  publisher.publish("t", "x");
  CHECK(node_probe::eventually([&] { return entry("pending") == "1"; }));
}

TEST_CASE("a queue that dies takes its Session along, and nobody else's") {
  messaging_node node;
  auto client = node.client(persistent("c"));
  auto other = node.client("other");
  client.subscribe("t", {qos_1});
  other.subscribe("t", {qos_1});
  kill_queue(node, "c");
  CHECK(client.wait_closed() == reason_code::unspecified_error);
  CHECK(!client.connect(persistent("c")).session_present);
  other.publish("t", "x");
  CHECK(other.next().payload == "x");
  client.publish("t", "end");
  CHECK(other.next().payload == "end");
  // Its subscription is gone, so the first message to come is this one.
  client.subscribe("t", {qos_1});
  other.publish("t", "again");
  CHECK(client.next().payload == "again");
}

TEST_CASE("a queue that dies while its client is away publishes the will and "
          "frees the place") {
  messaging_node node;
  auto watcher = node.client("watcher");
  watcher.subscribe("wills", {qos_1});
  auto options = persistent("c");
  options.will = {.topic_name = "wills", .payload = "gone", .quality = qos_1,
                  .delay = 1'000};
  auto client = node.client(options);
  client.close();
  CHECK(node_probe::eventually([&] {
    return node.probe.of_client("messaging.queue", "c", "state") == "offline";
  }));
  kill_queue(node, "c");
  CHECK(watcher.next().payload == "gone");
  CHECK(node.exchange.sessions == 1);
}

TEST_CASE("what a dead member of a share group had not acknowledged goes to "
          "another one; QoS 2 that was sent does not [MQTT-4.8.2-4] "
          "[MQTT-4.8.2-5]") {
  auto config = open_config();
  config.messaging.shares = share_policy::round_robin;
  messaging_node node{config};
  auto dying = node.client(persistent(node.id_on(0, "dying")));
  auto living = node.client(persistent(node.id_on(1, "living")));
  dying.set_acknowledging(false);
  for (auto* member : {&dying, &living})
    member->subscribe("$share/g/work", {qos_2});
  auto publisher = node.client("pub");
  for (int i = 0; i < 10; ++i)
    publisher.publish("work", "one-" + std::to_string(i), qos_1);
  for (int i = 0; i < 10; ++i)
    publisher.publish("work", "two-" + std::to_string(i), qos_2);
  std::set<std::string> held;
  while (held.size() < 10)
    held.insert(dying.next().payload);
  std::set<std::string> got;
  while (got.size() < 10)
    got.insert(living.next().payload);

  kill_queue(node, node.id_on(0, "dying"));
  dying.wait_closed();
  publisher.publish("work", "end");
  for (const auto& payload : living.until("end"))
    CHECK(got.insert(payload).second);
  CHECK(got.size() == 15);
  CHECK(std::ranges::count_if(held, [&](const auto& payload) {
          return got.contains(payload) && payload.starts_with("one");
        })
        == 5);
}

TEST_CASE("a Session that expired is gone with its subscriptions "
          "[MQTT-3.1.2-23]") {
  messaging_node node;
  auto client = node.client(persistent("c", false, 1));
  client.subscribe("t", {qos_1});
  client.close();
  CHECK(node_probe::eventually(
    [&] { return node.probe.all("messaging.queue").empty(); }));
  CHECK(node.count(metric::client_expired) == 1);
  CHECK(!client.connect(persistent("c", false, 1)).session_present);
}

TEST_CASE("queues of all reactors serve one topic") {
  messaging_node node;
  std::vector<messaging_client> clients;
  for (std::size_t i = 0; i < 8; ++i) {
    clients.push_back(
      node.client(node.id_on(i % 2, "c" + std::to_string(i))));
    clients.back().subscribe("t", {qos_1});
  }
  clients[0].publish("t", "x");
  for (auto& client : clients)
    CHECK(client.next().payload == "x");
}

} // namespace queue_actor_test
