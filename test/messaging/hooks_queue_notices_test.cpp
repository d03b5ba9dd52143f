#include "actors/messaging/hooks/queue_notices.hpp"

#include "test/support/hooked_node.hpp"

#include <doctest/doctest.h>

#include <string>
#include <vector>

namespace hooks_queue_notices_test {

using namespace hetzel;
using namespace hetzel::messaging;
using hetzel::test::hook_actor_script;
using hetzel::test::hooked_node;
using hetzel::test::node_probe;
using hetzel::test::persistent;
using hetzel::test::scripted_evaluator;
using plugins::hook;

namespace {

constexpr auto qos_1 = mqtt::qos::at_least_once;

} // namespace

TEST_CASE("the life of a Session is told of") {
  hooked_node node;
  test::notes heard;
  auto script = std::make_shared<scripted_evaluator>();
  script->told = [&](std::string_view name, mqtt::bytes_view subject) {
    heard.add(std::string{name} + ' ' + std::string{subject});
  };
  node.use({hook::on_register, hook::on_client_wakeup,
            hook::on_client_offline, hook::on_client_gone,
            hook::on_session_expired, hook::on_offline_message,
            hook::on_topic_unsubscribed},
           script);
  auto other = node.client("other");
  auto client = node.client(persistent("c", true, 1));
  client.subscribe("a", {qos_1});
  client.subscribe("b", {qos_1});
  client.unsubscribe("b");
  client.disconnect();
  REQUIRE(node_probe::eventually([&] {
    static_cast<void>(node.probe.tree());
    return heard.has("on_client_offline c");
  }));
  other.publish("a", "x", qos_1);
  other.disconnect();
  REQUIRE(node_probe::eventually([&] {
    static_cast<void>(node.probe.tree());
    return heard.has("on_session_expired c")
           && heard.has("on_client_gone other");
  }));
  for (const auto* event :
       {"on_register c", "on_client_wakeup c", "on_topic_unsubscribed b",
        "on_offline_message a", "on_topic_unsubscribed all_topics"}) {
    CAPTURE(event);
    CHECK(heard.has(event));
  }
}

TEST_CASE("a message that a full queue drops is told of with the reason") {
  auto config = test::open_config();
  config.messaging.queues.offline_max = 1;
  hooked_node node{config};
  test::notes heard;
  auto script = std::make_shared<scripted_evaluator>();
  script->told = [&](std::string_view name, mqtt::bytes_view subject) {
    heard.add(std::string{name} + ' ' + std::string{subject});
  };
  node.use({hook::on_message_drop, hook::on_client_offline}, script);
  auto client = node.client(persistent("c"));
  client.subscribe("t", {qos_1});
  client.disconnect();
  REQUIRE(node_probe::eventually([&] {
    static_cast<void>(node.probe.tree());
    return heard.has("on_client_offline c");
  }));
  auto other = node.client("other");
  other.publish("t", "1", qos_1);
  other.publish("t", "2", qos_1);
  CHECK(node_probe::eventually([&] {
    static_cast<void>(node.probe.tree());
    return heard.has("on_message_drop queue_full");
  }));
}

TEST_CASE("notices to an actor that is behind are dropped and counted, and "
          "nobody waits") {
  hooked_node node;
  const auto script = std::make_shared<hook_actor_script>();
  auto whom = std::make_shared<plugins::provider>(
    *node.actor("slow", {hook::on_publish}, script));
  whom->elsewhere->notices_max = 0;
  node.use({whom});
  auto client = node.client("c");
  client.publish("t", "x", qos_1);
  CHECK(node.count(hook::on_publish, &hook_counters::of_hook::dropped) == 1);
  auto roomy = std::make_shared<plugins::provider>(*whom);
  roomy->elsewhere->notices_max = 10;
  node.use({roomy});
  client.publish("t", "x", qos_1);
  CHECK(node_probe::eventually([&] {
    static_cast<void>(node.probe.tree());
    return script->heard() == std::vector<std::string>{"told on_publish"};
  }));
}

TEST_CASE("a configuration that changed is told of, key by key") {
  hooked_node node;
  test::notes heard;
  auto script = std::make_shared<scripted_evaluator>();
  script->told = [&](std::string_view name, mqtt::bytes_view subject) {
    heard.add(std::string{name} + ' ' + std::string{subject});
  };
  node.use({hook::on_config_change}, script);
  node.exchange.tell_config_change({"max_message_size"});
  CHECK(node_probe::eventually([&] {
    static_cast<void>(node.probe.tree());
    return heard.has("on_config_change max_message_size");
  }));
}

} // namespace hooks_queue_notices_test
