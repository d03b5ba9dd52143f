#include "actors/messaging/hooks/session_hooks.hpp"

#include "test/support/hooked_node.hpp"

#include <doctest/doctest.h>

#include <atomic>
#include <string>
#include <stdexcept>
#include <thread>
#include <utility>

namespace hooks_session_test {

using namespace std::chrono_literals;
using namespace hetzel;
using namespace hetzel::messaging;
using hetzel::test::hook_actor_script;
using hetzel::test::hooked_node;
using hetzel::test::node_probe;
using hetzel::test::persistent;
using hetzel::test::scripted_evaluator;
using mqtt::reason_code;
using plugins::hook;

namespace {

constexpr auto qos_0 = mqtt::qos::at_most_once;
constexpr auto qos_1 = mqtt::qos::at_least_once;
constexpr auto qos_2 = mqtt::qos::exactly_once;

/// Refuses what is below "secret/".
std::shared_ptr<scripted_evaluator> rules() {
  auto made = std::make_shared<scripted_evaluator>();
  made->publishing = [](const plugins::publish_request& asked) {
    return asked.topic_name.starts_with("secret/")
             ? plugins::publish_verdict::error()
             : plugins::publish_verdict::ok();
  };
  return made;
}

test::client_options of_version(mqtt::protocol_version version) {
  test::client_options made;
  made.client_id = "c";
  made.version = version;
  return made;
}

} // namespace

// -- auth_on_publish ----------------------------------------------------------

TEST_CASE("a PUBLISH that is refused is answered 0x87 and reaches nobody") {
  hooked_node node;
  node.use({hook::auth_on_publish}, rules());
  auto watcher = node.client("watcher");
  watcher.subscribe("#", {qos_0});
  auto client = node.client("c");
  CHECK(client.publish("secret/a", "1", qos_1) == reason_code::not_authorized);
  CHECK(client.publish("secret/a", "2", qos_2) == reason_code::not_authorized);
  client.publish("secret/a", "3", qos_0);
  client.publish("open", "4", qos_1);
  CHECK(watcher.next().payload == "4");
  CHECK(node.count(metric::publish_auth_error) == 3);
}

TEST_CASE("a refused PUBLISH ends a 3.1.1 connection; of 3.1 it is dropped, or "
          "as configured (spec config 2)") {
  hooked_node node;
  node.use({hook::auth_on_publish}, rules());
  auto newer = node.client(of_version(mqtt::protocol_version::v3_1_1));
  newer.publish("secret/a", "1", qos_0);
  CHECK(!newer.wait_closed());
  auto older = node.client(of_version(mqtt::protocol_version::v3_1));
  CHECK(older.publish("secret/a", "1", qos_1) == reason_code::success);
  older.ping();
  auto config = test::open_config();
  config.messaging.disconnect_on_unauthorized_publish_v3 = true;
  node.exchange.set_config(config);
  node.use({hook::auth_on_publish}, rules());
  older.publish("secret/a", "1", qos_0);
  CHECK(!older.wait_closed());
}

TEST_CASE("a guarded hook that nobody provides refuses, as everybody's next "
          "does") {
  hooked_node node;
  auto client = node.client("c");
  CHECK(client.publish("t", "x") == reason_code::no_matching_subscribers);
  node.use({}, {hook::auth_on_publish});
  CHECK(client.publish("t", "x") == reason_code::not_authorized);
  node.use({hook::auth_on_publish}, std::make_shared<scripted_evaluator>());
  CHECK(client.publish("t", "x") == reason_code::not_authorized);
}

TEST_CASE("a PUBLISH is routed as a provider changed it") {
  hooked_node node;
  auto script = std::make_shared<scripted_evaluator>();
  script->publishing = [](const plugins::publish_request&) {
    plugins::publish_modifiers changes;
    changes.topic_name = "other";
    changes.payload = "changed";
    changes.quality = qos_0;
    changes.retain = true;
    return plugins::publish_verdict::ok(std::move(changes));
  };
  test::notes heard;
  script->told = [&](std::string_view name, mqtt::bytes_view subject) {
    heard.add(std::string{name} + ' ' + std::string{subject});
  };
  node.use({hook::auth_on_publish, hook::on_publish}, script);
  auto watcher = node.client("watcher");
  watcher.subscribe("other", {qos_1});
  auto client = node.client("c");
  CHECK(client.publish("t", "x", qos_1) == reason_code::success);
  const auto came = watcher.next();
  CHECK(came.payload == "changed");
  CHECK(came.quality == qos_0);
  CHECK(heard.has("on_publish other"));
  auto late = node.client("late");
  late.subscribe("other", {qos_0});
  CHECK(late.next().retain);
}

TEST_CASE("a provider that throws, and modifiers that are not valid, refuse "
          "the PUBLISH alone") {
  hooked_node node;
  auto script = std::make_shared<scripted_evaluator>();
  script->publishing
    = [](const plugins::publish_request& asked) -> plugins::publish_verdict {
    if (asked.topic_name == "throw")
      throw std::runtime_error{"broken"};
    plugins::publish_modifiers changes;
    if (asked.topic_name == "invalid")
      changes.topic_name = "a/#";
    return plugins::publish_verdict::ok(std::move(changes));
  };
  node.use({hook::auth_on_publish}, script);
  auto client = node.client("c");
  CHECK(client.publish("throw", "x") == reason_code::not_authorized);
  CHECK(client.publish("invalid", "x") == reason_code::not_authorized);
  CHECK(client.publish("t", "x") == reason_code::no_matching_subscribers);
  CHECK(node.count(hook::auth_on_publish, &hook_counters::of_hook::errors)
        == 2);
}

TEST_CASE("a decision that may be kept is asked for once, per topic, QoS and "
          "RETAIN; other chains are asked anew") {
  hooked_node node;
  std::atomic<int> asked{0};
  auto script = std::make_shared<scripted_evaluator>();
  script->publishing = [&](const plugins::publish_request&) {
    ++asked;
    return plugins::publish_verdict::ok().cached(10min);
  };
  node.use({hook::auth_on_publish}, script);
  auto client = node.client("c");
  for (int i = 0; i < 5; ++i)
    client.publish("t", "x");
  CHECK(asked == 1);
  client.publish("t", "x", qos_2);
  client.publish("u", "x");
  CHECK(asked == 3);
  CHECK(node.count(hook::auth_on_publish, &hook_counters::of_hook::cached)
        == 4);
  node.use({hook::auth_on_publish}, script);
  client.publish("t", "x");
  CHECK(asked == 4);
}

// -- providers that answer later ----------------------------------------------

TEST_CASE("while an actor decides about a PUBLISH the client's next packets "
          "wait, and their order stays; others go on") {
  hooked_node node;
  const auto script = std::make_shared<hook_actor_script>();
  script->answer = [](const plugins::hook_call& call) {
    const auto& asked = call.get<plugins::publish_request>();
    return plugins::answer(asked.payload == "no"
                             ? plugins::publish_verdict::error()
                             : plugins::publish_verdict::ok());
  };
  node.use({node.actor("slow", {hook::auth_on_publish}, script)});
  auto watcher = node.client("watcher");
  watcher.subscribe("t", {qos_2});
  auto client = node.client("c");
  for (const auto* payload : {"1", "no", "2"})
    client.publish("t", payload, qos_0);
  CHECK(client.publish("t", "3", qos_1) == reason_code::success);
  CHECK(client.publish("t", "4", qos_2) == reason_code::success);
  CHECK(client.publish("t", "no", qos_1) == reason_code::not_authorized);
  client.publish("t", "end", qos_0);
  CHECK(watcher.until("end")
        == std::vector<std::string>{"1", "2", "3", "4"});
  CHECK(node.count(hook::auth_on_publish, &hook_counters::of_hook::calls)
        == 7);
  CHECK(node.count(hook::auth_on_publish,
                   &hook_counters::of_hook::elapsed_us)
        > 0);
}

TEST_CASE("a client that says goodbye behind a PUBLISH that waits loses "
          "nothing") {
  hooked_node node;
  const auto script = std::make_shared<hook_actor_script>();
  script->answer = [](const plugins::hook_call&) {
    return plugins::answer(plugins::publish_verdict::ok());
  };
  node.use({node.actor("slow", {hook::auth_on_publish}, script)});
  auto watcher = node.client("watcher");
  watcher.subscribe("t", {qos_1});
  for (const auto* payload : {"a", "b", "c"}) {
    auto client = node.client("c");
    client.publish("t", payload, qos_0);
    client.disconnect();
    CHECK(watcher.next().payload == payload);
  }
}

TEST_CASE("a PUBLISH without an answer in time is refused, and the client goes "
          "on") {
  hooked_node node;
  const auto silent = std::make_shared<hook_actor_script>();
  node.use({node.actor("slow", {hook::auth_on_publish}, silent, 20ms)});
  auto client = node.client("c");
  CHECK(client.publish("t", "x") == reason_code::not_authorized);
  CHECK(client.publish("t", "x", qos_2) == reason_code::not_authorized);
  client.ping();
  CHECK(node.count(hook::auth_on_publish, &hook_counters::of_hook::timeouts)
        == 2);
}

TEST_CASE("a QoS 2 PUBLISH whose connection breaks while it waits can be sent "
          "again") {
  hooked_node node;
  const auto script = std::make_shared<hook_actor_script>();
  node.use({node.actor("silent", {hook::auth_on_publish}, script, 10min)});
  auto client = node.client(persistent("c"));
  mqtt::publish packet;
  packet.id = 7;
  packet.quality = qos_2;
  packet.topic_name = "t";
  client.send(packet);
  REQUIRE(node_probe::eventually([&] {
    static_cast<void>(node.probe.tree());
    return !script->heard().empty();
  }));
  // A takeover ends the connection, which is not read.
  test::messaging_client again{node.port()};
  CHECK(again.connect(persistent("c")).session_present);
  node.use({});
  packet.dup = true;
  again.send(packet);
  CHECK(again.expect(mqtt::packet_type::pubrec).code
        == reason_code::no_matching_subscribers);
}

TEST_CASE("chains change under load without a lost or a reordered message") {
  hooked_node node;
  auto watcher = node.client("watcher");
  watcher.subscribe("t", {qos_1});
  const auto script = std::make_shared<hook_actor_script>();
  script->answer = [](const plugins::hook_call&) {
    return plugins::answer(plugins::publish_verdict::ok());
  };
  const auto slow = node.actor("slow", {hook::auth_on_publish}, script);
  std::atomic<bool> is_over{false};
  std::thread operating{[&] {
    for (int i = 0; !is_over; ++i)
      switch (i % 3) {
      case 0:
        node.use({hook::auth_on_publish}, rules());
        break;
      case 1:
        node.use({slow});
        break;
      default:
        node.use({});
      }
  }};
  auto client = node.client("c");
  constexpr int count = 2'000;
  std::vector<std::string> sent;
  for (int i = 0; i < count; ++i) {
    sent.push_back(std::to_string(i));
    if (i % 10 == 0)
      CHECK(client.publish("t", sent.back(), qos_1) == reason_code::success);
    else
      client.publish("t", sent.back(), qos_0);
  }
  client.publish("t", "end", qos_1);
  is_over = true;
  operating.join();
  CHECK(watcher.until("end") == sent);
}

// -- subscriptions ------------------------------------------------------------

TEST_CASE("a SUBSCRIBE is refused whole, or filter by filter, or rewritten") {
  hooked_node node;
  auto script = std::make_shared<scripted_evaluator>();
  script->subscribing = [](const plugins::subscribe_request& asked) {
    const auto first = asked.topics[0].topic_filter;
    using verdict = plugins::subscribe_verdict;
    if (first == "no")
      return verdict::error();
    if (first == "mine")
      return verdict::ok({{{"yours", reason_code::success, {}}}});
    return verdict::ok(
      {{{"a", reason_code::granted_qos_1, {}},
        {"b", reason_code::quota_exceeded, {}}}});
  };
  test::notes heard;
  script->told = [&](std::string_view name, mqtt::bytes_view subject) {
    heard.add(std::string{name} + ' ' + std::string{subject});
  };
  node.use({hook::auth_on_subscribe, hook::on_subscribe}, script);
  auto client = node.client("c");
  CHECK(client.subscribe("no", {qos_0}) == reason_code::not_authorized);
  CHECK(client.subscribe("mine", {qos_1}) == reason_code::success);
  client.publish("yours", "came", qos_0);
  CHECK(client.next().payload == "came");
  client.send(mqtt::subscribe{client.next_id(), 0, {},
                              {{"x", {qos_2}}, {"y", {qos_2}}}});
  CHECK(client.expect(mqtt::packet_type::suback).codes
        == std::vector{reason_code::granted_qos_1,
                       reason_code::quota_exceeded});
  CHECK(heard.has("on_subscribe yours"));
  CHECK(heard.has("on_subscribe a"));
}

TEST_CASE("a SUBSCRIBE waits for an actor, and an UNSUBSCRIBE too") {
  hooked_node node;
  const auto script = std::make_shared<hook_actor_script>();
  script->answer = [](const plugins::hook_call& call) {
    if (call.which == hook::on_unsubscribe)
      return plugins::answer(
        plugins::unsubscribe_verdict::ok({{"yours"}}));
    const auto& asked = call.get<plugins::subscribe_request>();
    return plugins::answer(
      asked.topics[0].topic_filter == "no"
        ? plugins::subscribe_verdict::error()
        : plugins::subscribe_verdict::ok(
          {{{"yours", reason_code::success, {}}}}));
  };
  node.use({node.actor("slow", {hook::auth_on_subscribe, hook::on_unsubscribe},
                       script)});
  auto client = node.client("c");
  CHECK(client.subscribe("no", {qos_0}) == reason_code::not_authorized);
  CHECK(client.subscribe("mine", {qos_0}) == reason_code::success);
  client.publish("yours", "came", qos_0);
  CHECK(client.next().payload == "came");
  CHECK(client.unsubscribe("mine") == reason_code::success);
  CHECK(client.publish("yours", "x", qos_1)
        == reason_code::no_matching_subscribers);
}

// -- deliveries ---------------------------------------------------------------

TEST_CASE("what is delivered is what on_deliver makes of it") {
  hooked_node node;
  auto script = std::make_shared<scripted_evaluator>();
  script->delivering = [](const plugins::deliver_request& asked) {
    plugins::deliver_modifiers changes;
    changes.payload = std::string{asked.payload} + " for "
                      + std::string{asked.client.id.client_id};
    return plugins::deliver_verdict::ok(std::move(changes));
  };
  node.use({hook::on_deliver}, script);
  auto one = node.client("one");
  auto two = node.client("two");
  one.subscribe("t", {qos_1});
  two.subscribe("t", {qos_2});
  one.publish("t", "x", qos_2);
  CHECK(one.next().payload == "x for one");
  CHECK(two.next().payload == "x for two");
}

TEST_CASE("deliveries wait for an actor in their order") {
  hooked_node node;
  const auto script = std::make_shared<hook_actor_script>();
  script->answer = [](const plugins::hook_call& call) {
    plugins::deliver_modifiers changes;
    changes.payload
      = std::string{call.get<plugins::deliver_request>().payload} + "!";
    return plugins::answer(plugins::deliver_verdict::ok(std::move(changes)));
  };
  auto client = node.client("c");
  client.subscribe("t", {qos_2});
  node.use({node.actor("slow", {hook::on_deliver}, script)});
  auto publisher = node.client("p");
  std::vector<std::string> expected;
  for (int i = 0; i < 50; ++i) {
    expected.push_back(std::to_string(i) + "!");
    publisher.publish("t", std::to_string(i),
                      static_cast<mqtt::qos>(i % 3));
  }
  publisher.publish("t", "end", qos_1);
  CHECK(client.until("end!") == expected);
}

TEST_CASE("a delivery that waits when the connection ends comes with the "
          "next") {
  hooked_node node;
  const auto silent = std::make_shared<hook_actor_script>();
  auto client = node.client(persistent("c"));
  client.subscribe("t", {qos_1});
  node.use({node.actor("slow", {hook::on_deliver}, silent, 10min)});
  auto publisher = node.client("p");
  publisher.publish("t", "kept", qos_1);
  REQUIRE(node_probe::eventually([&] {
    static_cast<void>(node.probe.tree());
    return !silent->heard().empty();
  }));
  node.use({});
  client.close();
  CHECK(client.connect(persistent("c")).session_present);
  CHECK(client.next().payload == "kept");
}

} // namespace hooks_session_test
