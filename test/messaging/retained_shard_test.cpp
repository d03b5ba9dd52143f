#include "actors/messaging/retained_shard.hpp"

#include "actors/messaging/retained_feed.hpp"
#include "test/support/messaging_node.hpp"

#include <doctest/doctest.h>

#include <caf/exit_reason.hpp>

#include <set>

namespace retained_shard_test {

using namespace hetzel;
using namespace hetzel::messaging;
using namespace std::chrono_literals;
using hetzel::test::messaging_node;
using hetzel::test::messaging_site;
using hetzel::test::open_config;

namespace {

using mqtt::reason_code;

constexpr auto qos_1 = mqtt::qos::at_least_once;

mqtt::message_ptr retained(std::string_view topic, std::string_view payload) {
  mqtt::message_fields fields;
  fields.topic_name = topic;
  fields.payload = payload;
  fields.quality = qos_1;
  fields.retain = true;
  return mqtt::message::make(fields);
}

live_config with(retained_limits limits) {
  auto config = open_config();
  config.messaging.retained = limits;
  return config;
}

/// One shard, spoken to by messages.
struct shard_fixture : messaging_site {
  explicit shard_fixture(retained_limits limits = {})
    : messaging_site(1, with(limits)) {
    pool->start();
    shard = spawn_retained_shard((*pool)[0], local(), 0);
  }
  ~shard_fixture() { kill(); }

  void kill() {
    self->send_exit(shard, caf::exit_reason::kill);
    self->wait_for(shard);
  }

  void restart() {
    kill();
    shard = spawn_retained_shard((*pool)[0], local(), 0);
  }

  reason_code set(std::string_view topic, std::string_view payload) {
    reason_code code{};
    self->request(shard, 20s, retained(topic, payload))
      .receive([&](std::uint8_t answer) {
        code = static_cast<reason_code>(answer);
      }, [](const caf::error& why) { FAIL(to_string(why)); });
    return code;
  }

  retained_reply ask(retained_request request) {
    retained_reply reply;
    self->request(shard, 20s,
                  std::make_shared<const retained_request>(request))
      .receive([&](const retained_reply_ptr& answer) { reply = *answer; },
               [](const caf::error& why) { FAIL(to_string(why)); });
    return reply;
  }

  retained_shard shard;
};

} // namespace

TEST_CASE("a shard gives out what a filter matches, in chunks (3.3.1.3)") {
  shard_fixture fixture;
  std::set<std::string> expected;
  for (int i = 0; i < 25; ++i) {
    const auto topic = "a/" + std::to_string(i);
    CHECK(fixture.set(topic, "p") == reason_code::success);
    expected.insert(topic);
  }
  fixture.set("b", "p");
  std::set<std::string> got;
  retained_request request{0, "", "a/#", 0, 10, 1};
  do {
    const auto reply = fixture.ask(request);
    CHECK(reply.messages.size() <= 10);
    for (const auto& one : reply.messages)
      CHECK(got.emplace(one->topic_name()).second);
    request.walk = reply.walk;
  } while (request.walk != 0);
  CHECK(got == expected);
}

TEST_CASE("an empty payload erases, also at the limit [MQTT-3.3.1-6]") {
  shard_fixture fixture{{.count_max = 1}};
  CHECK(fixture.set("a", "p") == reason_code::success);
  CHECK(fixture.set("b", "p") == reason_code::quota_exceeded);
  CHECK(fixture.set("a", "") == reason_code::success);
  CHECK(fixture.set("b", "p") == reason_code::success);
  CHECK(fixture.exchange.retained_count == 1);
}

TEST_CASE("replacing is allowed when the count is full, not beyond the "
          "bytes") {
  shard_fixture fixture{{.count_max = 1, .bytes_max = 1'000}};
  CHECK(fixture.set("a", "p") == reason_code::success);
  CHECK(fixture.set("a", "another") == reason_code::success);
  CHECK(fixture.set("a", std::string(2'000, 'x'))
        == reason_code::quota_exceeded);
  const auto reply = fixture.ask({0, "", "a", 0, 10, 1});
  REQUIRE(reply.messages.size() == 1);
  CHECK(reply.messages[0]->payload() == "another");
  CHECK(fixture.count(metric::retain_rejected) == 1);
}

TEST_CASE("a restarted shard has the messages and their count still") {
  shard_fixture fixture;
  fixture.set("a", "p");
  fixture.set("b", "p");
  fixture.restart();
  CHECK(fixture.ask({0, "", "#", 0, 10, 1}).messages.size() == 2);
  fixture.set("c", "p");
  CHECK(fixture.exchange.retained_count == 3);
}

TEST_CASE("a walk of before the restart is not another's of after it") {
  shard_fixture fixture;
  for (int i = 0; i < 30; ++i)
    fixture.set("a/" + std::to_string(i), "p");
  const auto former = fixture.ask({0, "", "a/#", 0, 10, 1});
  REQUIRE(former.walk != 0);
  fixture.restart();
  const auto other = fixture.ask({0, "", "a/+", 0, 10, 1});
  REQUIRE(other.walk != 0);
  const auto answer = fixture.ask({0, "", "a/#", former.walk, 10, 2});
  CHECK(answer.messages.empty());
  CHECK(answer.walk == 0);
}

TEST_CASE("subscribers get retained messages while their shards are being "
          "restarted [MQTT-3.3.1-9]") {
  messaging_node node;
  auto publisher = node.client("pub");
  for (const char* topic : {"a/1", "b/1", "c/1", "d/1"})
    publisher.publish(topic, "kept", qos_1, true);
  for (std::size_t i = 0; i < 6; ++i) {
    const auto former = node.actor("messaging.retained_shard", i % 2);
    hetzel::test::node_probe::kill(former);
    auto subscriber = node.client("sub-" + std::to_string(i));
    subscriber.subscribe("#", {qos_1});
    std::set<std::string> topics;
    while (topics.size() < 4)
      topics.insert(subscriber.next().topic_name);
    CHECK(node.is_restarted("messaging.retained_shard", i % 2, former));
  }
}

TEST_CASE("a full store says 0x97 to a 5.0 publisher, and the message is "
          "routed all the same") {
  messaging_node node{with({.count_max = 0})};
  auto client = node.client("c");
  client.subscribe("t", {qos_1});
  CHECK(client.publish("t", "x", qos_1, true) == reason_code::quota_exceeded);
  CHECK(client.next().payload == "x");
  CHECK(node.exchange.retained_count == 0);
}

TEST_CASE("messages that expired are swept out of the shard") {
  auto config = with({.expiry_sweep_interval = 1s});
  shard_fixture fixture{config.messaging.retained};
  mqtt::message_fields fields;
  fields.topic_name = "t";
  fields.payload = "p";
  fields.retain = true;
  fields.expires_at = std::chrono::steady_clock::now();
  fixture.self->request(fixture.shard, 20s, mqtt::message::make(fields))
    .receive([](std::uint8_t) {}, [](const caf::error&) {});
  CHECK(fixture.ask({0, "", "#", 0, 10, 1}).messages.empty());
  CHECK(hetzel::test::node_probe::eventually(
    [&] { return fixture.exchange.retained_count == 0; }));
  CHECK(fixture.count(metric::retain_expired) == 1);
}

TEST_CASE("a retained message that no shard took is not acknowledged, in any "
          "version") {
  messaging_node node;
  for (auto& slot : node.exchange.retained_shards)
    slot.set({});
  auto modern = node.client("modern");
  CHECK(mqtt::is_error(modern.publish("t", "p", qos_1, true)));
  // 3.x cannot be told: it is closed, comes back and sends it again.
  auto older = node.client(
    {.client_id = "older", .version = mqtt::protocol_version::v3_1_1});
  CHECK_THROWS_AS(older.publish("t", "p", qos_1, true),
                  hetzel::test::connection_lost);
}

} // namespace retained_shard_test
