#include "actors/messaging/restore.hpp"

#include "actors/messaging/stored_records.hpp"
#include "cluster/metadata/metadata.hpp"
#include "test/support/messaging_node.hpp"

#include <caf/exit_reason.hpp>
#include <caf/send.hpp>

#include <doctest/doctest.h>

#include <atomic>
#include <thread>

namespace restore_test {

using namespace hetzel;
using namespace hetzel::messaging;
using namespace std::chrono_literals;
using hetzel::test::connection_lost;
using hetzel::test::messaging_client;
using hetzel::test::messaging_node;
using hetzel::test::metadata_disk;
using hetzel::test::node_probe;
using hetzel::test::open_config;
using hetzel::test::persistent;
using mqtt::reason_code;
using store_errc = persistence::errc;

namespace {

constexpr auto qos_1 = mqtt::qos::at_least_once;

/// A node's metadata without the node, for what no client could do.
void write(messaging_node& node, cluster::metadata_write_ptr what) {
  const auto key = *cluster::decode_metadata_key(what->changes.at(0).key);
  node.self
    ->request(node.metadata->group(key), node_probe::patience, std::move(what))
    .receive([](std::uint8_t code) { CHECK(code == 0); },
             [](const caf::error& why) { FAIL(to_string(why)); });
}

cluster::metadata_write_ptr one(const cluster::metadata_key& key,
                                std::string value) {
  auto made = std::make_shared<cluster::metadata_write>();
  made->changes.push_back({encode(key), std::move(value)});
  return made;
}

void kill_groups(const messaging_node& node) {
  for (const auto& group : node.probe.all("cluster.metadata_group"))
    node_probe::kill(group.listing.actor);
}

} // namespace

TEST_CASE("whoever publishes to a node that has just started reaches all "
          "Sessions of its former life") {
  const auto disk = metadata_disk::make();
  constexpr int sessions = 3'000;
  {
    messaging_node node{open_config(), disk};
    for (int i = 0; i < sessions; ++i) {
      const subscriber_key key{"", "c" + std::to_string(i)};
      subscription_changes changes{"", {}};
      for (int k = 0; k < 5; ++k)
        changes.changes.push_back({subscription_change::kind::insert,
                                   "t/" + std::to_string(k) + "/"
                                     + std::string{key.client_id()},
                                   {{}, {qos_1}, 0}});
      write(node, joined(*store_session(key, {1, {}, {}}),
                         *store_subscriptions(key, changes, 1)));
    }
  }
  messaging_node node{open_config(), disk};
  CHECK(node.restored.sessions == sessions);
  CHECK(node.restored.subscriptions == sessions * 5);
  CHECK(node.exchange.restoring == 0);
  auto publisher = node.client("publisher");
  for (int i = 0; i < sessions; i += 100)
    for (int k = 0; k < 5; ++k)
      CHECK(publisher.publish("t/" + std::to_string(k) + "/c"
                                + std::to_string(sessions - 1 - i),
                              "x")
            == reason_code::success);
}

TEST_CASE("records that are not understood are left as they are, and harm "
          "nobody else") {
  const auto disk = metadata_disk::make();
  {
    messaging_node node{open_config(), disk};
    auto client = node.client(persistent("sound"));
    client.subscribe("t", {qos_1});
    client.publish("r", "kept", qos_1, true);
    auto other = node.client(persistent("odd"));
    other.subscribe("u", {qos_1});
    client.disconnect();
    other.disconnect();
    CHECK(node_probe::eventually([&] {
      return node.probe.of_client("messaging.queue", "odd", "state")
             == "offline";
    }));
    write(node, one(session_key({"", "odd"}), "?"));
    write(node, one({cluster::record_kind::retained, "", "bad", {}}, "?"));
  }
  for (int start = 0; start < 2; ++start) {
    messaging_node node{open_config(), disk};
    CHECK(node.restored.sessions == 1);
    CHECK(node.restored.retained == 1);
    CHECK(node.restored.unreadable == 2);
    CHECK(node.restored.outdated == 0);
  }
}

TEST_CASE("subscriptions of no Session, and what expired, are deleted") {
  const auto disk = metadata_disk::make();
  {
    messaging_node node{open_config(), disk};
    write(node, one({cluster::record_kind::subscription, "", "gone", "t"},
                    encode(cluster::subscription_record{})));
    const auto long_ago = at_wall_clock({}).wall - 1h;
    write(node, store_session({"", "late"}, {1, 60s, long_ago}));
    write(node, store_session({"", "in time"}, {1, 2h, long_ago}));
  }
  {
    messaging_node node{open_config(), disk};
    CHECK(node.restored.sessions == 1);
    CHECK(node.restored.outdated == 2);
  }
  messaging_node node{open_config(), disk};
  CHECK(node.restored.outdated == 0);
}

TEST_CASE("a queue that dies is taken up again from the metadata, without its "
          "messages") {
  messaging_node node{open_config(), metadata_disk::make()};
  auto client = node.client(persistent("c"));
  client.subscribe("t", {qos_1});
  const auto queue = node.probe.find("messaging.queue", "client_id", "c");
  node_probe::kill(queue->listing.actor);
  CHECK(client.wait_closed() == reason_code::unspecified_error);
  CHECK(client.connect(persistent("c")).session_present);
  auto publisher = node.client("publisher");
  CHECK(node_probe::eventually(
    [&] { return publisher.publish("t", "x") == reason_code::success; }));
  CHECK(client.next().payload == "x");
}

// -- a store that fails or is slow -------------------------------------------

TEST_CASE("CONNACK and SUBACK wait for the store, others do not") {
  messaging_node node{open_config(), metadata_disk::make()};
  auto other = node.client("other");
  node.disk->hold();
  std::atomic<bool> is_done{false};
  std::thread waiting{[&] {
    auto client = node.client(persistent("c"));
    client.subscribe("t", {qos_1});
    is_done = true;
  }};
  node.disk->await_write();
  for (int i = 0; i < 3; ++i) {
    CHECK(other.subscribe("u", {qos_1}) == reason_code::granted_qos_1);
    other.publish("u", "x");
    CHECK(other.next().payload == "x");
  }
  CHECK(!is_done);
  node.disk->release();
  waiting.join();
}

TEST_CASE("a client that is taken over while its CONNACK waits is told so, and "
          "the next one goes on [MQTT-3.1.4-3]") {
  messaging_node node{open_config(), metadata_disk::make()};
  node.disk->hold();
  std::optional<reason_code> told;
  std::thread first{[&] {
    messaging_client client{node.port()};
    client.connect(persistent("c"));
    told = client.wait_closed();
  }};
  node.disk->await_write();
  messaging_client second{node.port()};
  std::thread releasing{[&] {
    first.join();
    node.disk->release();
  }};
  CHECK(second.connect(persistent("c")).session_present);
  releasing.join();
  CHECK(told == reason_code::session_taken_over);
  second.subscribe("t", {qos_1});
  second.publish("t", "x");
  CHECK(second.next().payload == "x");
}

TEST_CASE("SUBSCRIBE that cannot be stored says so, and is not there in the "
          "next life either [MQTT-3.9.3-2]") {
  const auto disk = metadata_disk::make();
  {
    messaging_node node{open_config(), disk};
    auto client = node.client(persistent("c"));
    client.subscribe("a", {qos_1});
    disk->records.fail_writes(store_errc::disk_full, 1, 0);
    CHECK(client.subscribe("b", {qos_1}) == reason_code::unspecified_error);
    client.publish("b", "unwanted");
    client.publish("a", "wanted");
    CHECK(client.next().payload == "wanted");
    client.disconnect();
  }
  messaging_node node{open_config(), disk};
  CHECK(node.restored.subscriptions == 1);
}

TEST_CASE("subscriptions of a Session whose record failed bring it along") {
  const auto disk = metadata_disk::make();
  {
    messaging_node node{open_config(), disk};
    disk->records.fail_writes(store_errc::disk_full, 1, 0);
    auto client = node.client(persistent("c"));
    CHECK(client.subscribe("a", {qos_1}) == reason_code::granted_qos_1);
    // As if it was killed now: what comes is not stored any more.
    disk->records.fail_writes(store_errc::io_error, 1'000'000);
  }
  disk->records.fail_writes(store_errc::none, 0);
  messaging_node node{open_config(), disk};
  CHECK(node.restored.sessions == 1);
  CHECK(node.restored.subscriptions == 1);
}

TEST_CASE("a clean start leaves nothing of the former Session, even when its "
          "delete failed [MQTT-3.1.2-4]") {
  const auto disk = metadata_disk::make();
  {
    messaging_node node{open_config(), disk};
    auto client = node.client(persistent("c"));
    client.subscribe("old", {qos_1});
    client.disconnect();
    CHECK(node_probe::eventually([&] {
      return node.probe.of_client("messaging.queue", "c", "state")
             == "offline";
    }));
    disk->records.fail_writes(store_errc::disk_full, 1, 0);
    auto fresh = node.client(persistent("c", true));
    fresh.subscribe("new", {qos_1});
    disk->records.fail_writes(store_errc::io_error, 1'000'000);
  }
  disk->records.fail_writes(store_errc::none, 0);
  messaging_node node{open_config(), disk};
  CHECK(node.restored.subscriptions == 1);
  auto publisher = node.client("publisher");
  CHECK(publisher.publish("old", "x")
        == reason_code::no_matching_subscribers);
  CHECK(publisher.publish("new", "x") == reason_code::success);
}

TEST_CASE("a clean start leaves nothing of the former Session, even when the "
          "delete is lost with its group [MQTT-3.1.2-4]") {
  const auto disk = metadata_disk::make();
  {
    messaging_node node{open_config(), disk};
    auto client = node.client(persistent("c"));
    client.subscribe("old", {qos_1});
    client.disconnect();
    const auto queues = node.count(metric::queue_setup);
    // The group is kept busy and then killed; what comes meanwhile waits in
    // its mailbox, and is lost.
    disk->hold();
    const auto group = node.metadata->group(session_key({"", "c"}));
    node.self->send(group, one(session_key({"", "c"}), "busy"));
    disk->await_write();
    node.self->send_exit(group, caf::exit_reason::kill);
    std::thread fresh{[&] {
      node.client(persistent("c", true)).subscribe("new", {qos_1});
    }};
    CHECK(node_probe::eventually(
      [&] { return node.count(metric::queue_setup) > queues; }));
    disk->release();
    fresh.join();
  }
  messaging_node node{open_config(), disk};
  CHECK(node.restored.subscriptions == 1);
  auto publisher = node.client("publisher");
  CHECK(publisher.publish("old", "x") == reason_code::no_matching_subscribers);
}

TEST_CASE("SUBSCRIBE and retained messages get over the death of the groups") {
  const auto disk = metadata_disk::make();
  {
    messaging_node node{open_config(), disk};
    std::atomic<bool> is_done{false};
    std::thread killing{[&] {
      for (int i = 0; i < 3; ++i)
        kill_groups(node);
      is_done = true;
    }};
    auto client = node.client(persistent("c"));
    int count = 0;
    do {
      const auto number = std::to_string(count++);
      CHECK(client.subscribe("t/" + number, {qos_1})
            == reason_code::granted_qos_1);
      CHECK(!mqtt::is_error(client.publish("r/" + number, "x", qos_1, true)));
    } while (!is_done && count < 200);
    killing.join();
  }
  messaging_node node{open_config(), disk};
  CHECK(node.restored.sessions == 1);
  CHECK(node.restored.subscriptions == node.restored.retained);
  CHECK(node.restored.retained > 0);
}

TEST_CASE("a node stops while writes wait for a slow store") {
  const auto disk = metadata_disk::make();
  {
    messaging_node node{open_config(), disk};
    auto client = node.client(persistent("c"));
    disk->hold();
    client.send(mqtt::subscribe{
      client.next_id(), 0, {}, {{"t", {qos_1}}}});
    disk->await_write();
    // The destructor releases it, with all that waits behind.
  }
  messaging_node node{open_config(), disk};
  CHECK(node.restored.sessions == 1);
}

TEST_CASE("a retained message that the store does not take is not acknowledged "
          "and not shown") {
  messaging_node node{open_config(), metadata_disk::make()};
  auto client = node.client("c");
  CHECK(!mqtt::is_error(client.publish("t", "old", qos_1, true)));
  node.disk->records.fail_writes(store_errc::disk_full, 1, 0);
  CHECK(client.publish("t", "new", qos_1, true)
        == reason_code::quota_exceeded);
  node.disk->records.fail_writes(store_errc::io_error, 1, 0);
  CHECK(client.publish("u", "first", qos_1, true)
        == reason_code::unspecified_error);
  CHECK(node.exchange.retained_count == 1);
  client.subscribe("#", {qos_1});
  CHECK(client.next().payload == "old");
  client.publish("u", "live");
  CHECK(client.next().payload == "live");
}

} // namespace restore_test
