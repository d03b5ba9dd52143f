#include "actors/messaging/subscription_shard.hpp"

#include "test/support/messaging_node.hpp"

#include <doctest/doctest.h>

#include <atomic>
#include <string>
#include <thread>

namespace subscription_shard_test {

using namespace hetzel;
using namespace hetzel::messaging;
using hetzel::test::client_options;
using hetzel::test::entry_of;
using hetzel::test::messaging_client;
using hetzel::test::messaging_node;
using hetzel::test::node_probe;

namespace {

using mqtt::reason_code;

constexpr auto qos_1 = mqtt::qos::at_least_once;

/// The shards' statistics, read as a thread of its own may.
std::size_t subscriptions_of(messaging_node& node) {
  auto& table = node.exchange.subscriptions;
  const auto reader = table.add_reader();
  REQUIRE(reader);
  const auto sum = table.statistics(*reader).subscriptions;
  table.remove_reader(*reader);
  return sum;
}

/// Kills all shards whose number `is_wanted`, and waits until their successors
/// have an index again.
template <class Predicate>
void restart_shards(messaging_node& node, Predicate is_wanted) {
  for (const auto& shard : node.probe.all("messaging.subscription_shard")) {
    const auto name = entry_of(shard, "shard");
    if (!is_wanted(static_cast<shard_index>(std::stoul(name))))
      continue;
    node_probe::kill(shard.listing.actor);
    REQUIRE(node_probe::eventually([&] {
      const auto now
        = node.probe.find("messaging.subscription_shard", "shard", name);
      return now && now->listing.actor != shard.listing.actor
             && entry_of(*now, "state") == "serving";
    }));
  }
}

shard_index shard_of(messaging_node& node, std::string_view filter) {
  const auto parsed = mqtt::parse_topic_filter(filter, {0, 65'535});
  return node.exchange.subscriptions.shard_of("", *parsed);
}

/// As a shard that died in the middle of a change may leave it.
void spoil(messaging_node& node, shard_index shard) {
  auto& table = node.exchange.subscriptions;
  table.replace(shard, table.make_index());
}

} // namespace

TEST_CASE("a shard that died is rebuilt from the queues' records, offline "
          "ones included") {
  messaging_node node;
  auto online = node.client(node.id_on(0, "online"));
  const client_options persistent{.client_id = node.id_on(1, "offline"),
                                  .clean_start = false,
                                  .session_expiry = 3'600};
  auto offline = node.client(persistent);
  online.subscribe("t/1", {qos_1});
  offline.subscribe("t/+", {qos_1});
  offline.subscribe("$share/g/t/2", {qos_1});
  offline.disconnect();
  const auto before = subscriptions_of(node);

  const auto shard = shard_of(node, "t/1");
  spoil(node, shard);
  auto publisher = node.client("pub");
  REQUIRE(publisher.publish("t/2", "x")
          == reason_code::no_matching_subscribers);
  restart_shards(node, [&](shard_index one) { return one == shard; });

  CHECK(subscriptions_of(node) == before);
  CHECK(publisher.publish("t/1", "one") == reason_code::success);
  CHECK(publisher.publish("t/2", "two") == reason_code::success);
  CHECK(online.next().payload == "one");
  offline.connect(persistent);
  CHECK(offline.next().payload == "one");
  // By its own subscription and by the group's.
  CHECK(offline.next().payload == "two");
  CHECK(offline.next().payload == "two");
}

TEST_CASE("a rebuilt shard keeps options and identifiers "
          "[MQTT-3.3.4-3]") {
  messaging_node node;
  auto client = node.client("c");
  client.subscribe("t", {qos_1, false, true}, 77);
  spoil(node, shard_of(node, "t"));
  restart_shards(node, [&](shard_index one) {
    return one == shard_of(node, "t");
  });
  client.publish("t", "x", mqtt::qos::exactly_once, true);
  const auto got = client.next();
  CHECK(got.quality == qos_1);
  CHECK(got.retain);
  CHECK(mqtt::property_view{got.properties}.integer(
          mqtt::property_id::subscription_identifier)
        == 77);
}

TEST_CASE("a SUBSCRIBE while its shard is being restarted is answered when it "
          "counts [MQTT-3.8.4-1]") {
  messaging_node node;
  auto publisher = node.client("pub");
  std::atomic<bool> is_done{false};
  std::thread subscribing{[&] {
    auto client = node.client("c");
    for (int i = 0; !is_done; ++i) {
      const auto topic = "t/" + std::to_string(i);
      REQUIRE(client.subscribe(topic, {qos_1}) == reason_code::granted_qos_1);
      CHECK(client.publish(topic, topic) == reason_code::success);
      CHECK(client.next().payload == topic);
      if (i % 2 == 0)
        CHECK(client.unsubscribe(topic) == reason_code::success);
    }
  }};
  const auto shard = shard_of(node, "t/0");
  for (int i = 0; i < 3; ++i)
    restart_shards(node, [&](shard_index one) { return one == shard; });
  is_done = true;
  subscribing.join();
}

TEST_CASE("a SUBSCRIBE that finds no shard is tried again before it is "
          "answered") {
  messaging_node node;
  auto client = node.client("c");
  auto& slot = node.exchange.subscription_shards[shard_of(node, "t")];
  const auto there = slot.get();
  slot.set({});
  client.send(mqtt::subscribe{1, 0, {}, {{"t", {qos_1}}}});
  REQUIRE(node_probe::eventually([&] {
    return node.probe.of_client("messaging.session", "c", "held_by")
           == "reply";
  }));
  slot.set(there);
  CHECK(client.expect(mqtt::packet_type::suback).code
        == reason_code::granted_qos_1);
  client.publish("t", "x");
  CHECK(client.next().payload == "x");
}

TEST_CASE("a SUBSCRIBE that no shard takes fails, and leaves nothing") {
  messaging_node node;
  auto client = node.client("c");
  auto& slot = node.exchange.subscription_shards[shard_of(node, "t")];
  const auto there = slot.get();
  slot.set({});
  CHECK(client.subscribe("t", {qos_1}) == reason_code::unspecified_error);
  slot.set(there);
  CHECK(node.probe.of_client("messaging.queue", "c", "subscriptions") == "0");
  CHECK(client.publish("t", "x") == reason_code::no_matching_subscribers);
}

TEST_CASE("subscriptions that ended while no shard was there do not come "
          "back") {
  messaging_node node;
  auto client = node.client("c");
  for (int i = 0; i < 20; ++i)
    client.subscribe("t/" + std::to_string(i), {qos_1});
  const auto shard = shard_of(node, "t/0");
  for (const auto& one : node.probe.all("messaging.subscription_shard"))
    if (entry_of(one, "shard") == std::to_string(shard))
      node_probe::kill(one.listing.actor);
  client.disconnect();
  CHECK(node_probe::eventually([&] {
    return node.probe.all("messaging.queue").empty()
           && subscriptions_of(node) == 0;
  }));
}

} // namespace subscription_shard_test
