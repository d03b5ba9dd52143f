#include "actors/messaging/readings.hpp"

#include "test/support/messaging_client.hpp"
#include "test/support/messaging_node.hpp"

#include <doctest/doctest.h>

#include <map>
#include <string>

namespace readings_test {

using namespace hetzel;
using hetzel::messaging::reading;
using hetzel::messaging::reading_kind;
using hetzel::messaging::take_readings;
using hetzel::test::messaging_node;

namespace {

constexpr auto qos_1 = mqtt::qos::at_least_once;

std::map<std::string, std::uint64_t> named(messaging_node& node) {
  std::map<std::string, std::uint64_t> result;
  for (const auto& one : take_readings(node.exchange)) {
    std::string name = one.name;
    if (!one.reason_code.empty())
      name += "{" + std::string{one.reason_code} + "}";
    CHECK(result.emplace(name, one.value).second);
  }
  return result;
}

} // namespace

TEST_CASE("what clients do is in the readings of the whole node") {
  messaging_node node;
  auto before = named(node);
  CHECK(before["mqtt_connect_received"] == 0);
  CHECK(before["mqtt_error_sent{not_authorized}"] == 0);
  auto client = node.client("c");
  client.subscribe("t", {qos_1});
  client.publish("t", "payload", qos_1, true);
  CHECK(client.next().payload == "payload");
  auto after = named(node);
  CHECK(after["mqtt_publish_received"] == 1);
  CHECK(after["mqtt_publish_sent"] == 1);
  CHECK(after["mqtt_suback_sent"] == 1);
  CHECK(after["queue_processes"] == 1);
  CHECK(after["router_subscriptions"] == 1);
  CHECK(after["retain_messages"] == 1);
  CHECK(after["bytes_received"] > 0);
  CHECK(after["bytes_sent"] > 0);
  CHECK(after["actors_pinned"] > 0);
  CHECK(after["reactor_ticks"] > before["reactor_ticks"]);
}

TEST_CASE("what the message store does, and refuses while it fails, is in the "
          "readings and in what its writer says") {
  messaging_node node{hetzel::test::open_config(),
                      hetzel::test::metadata_disk::make()};
  auto subscriber = node.client(hetzel::test::persistent("c"));
  subscriber.subscribe("t", {qos_1});
  // What a subscriber acknowledges at once need not be written.
  subscriber.disconnect();
  auto client = node.client("publisher");
  CHECK(client.publish("t", "stored", qos_1) == mqtt::reason_code::success);
  auto before = named(node);
  CHECK(before["store_commits"] > 0);
  CHECK(before["store_operations"] > 0);
  CHECK(before["store_shards_failing"] == 0);
  node.disk->messages.fail_writes(persistence::errc::disk_full, 1'000'000);
  CHECK(client.publish("t", "refused", qos_1)
        == mqtt::reason_code::quota_exceeded);
  CHECK(client.publish("t", "refused", qos_1)
        == mqtt::reason_code::quota_exceeded);
  auto failing = named(node);
  CHECK(failing["store_commits_failed"] > 0);
  CHECK(failing["store_messages_refused"] > 0);
  CHECK(failing["store_shards_failing"] == 1);
  CHECK(failing["store_working_seconds"] == 0);
  const auto said = [&](const char* what) {
    return hetzel::test::entry_of(
      node.probe.all("messaging.store_writer").at(0), what);
  };
  CHECK(said("failure") == "disk_full");
  CHECK(!said("failing_seconds").empty());
  node.disk->messages.fail_writes(persistence::errc::none, 0);
  CHECK(hetzel::test::node_probe::eventually(
    [&] { return named(node)["store_shards_failing"] == 0; }));
  CHECK(said("failure") == "none");
  CHECK(!said("working_seconds").empty());
}

TEST_CASE("gauges are told from counters") {
  messaging_node node;
  for (const auto& one : take_readings(node.exchange)) {
    const bool is_gauge = one.name == "queue_processes"
                          || one.name == "retain_messages"
                          || one.name == "connects_pending";
    if (is_gauge)
      CHECK(one.kind == reading_kind::gauge);
    if (one.name == "mqtt_publish_received")
      CHECK(one.kind == reading_kind::counter);
  }
}

} // namespace readings_test
