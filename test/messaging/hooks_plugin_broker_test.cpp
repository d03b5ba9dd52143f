#include "actors/messaging/hooks/plugin_broker.hpp"
#include "actors/messaging/hooks/reauthorization.hpp"

#include "test/support/hooked_node.hpp"

#include <doctest/doctest.h>

#include <future>

namespace hooks_plugin_broker_test {

using namespace hetzel;
using namespace hetzel::messaging;
using hetzel::test::hooked_node;
using hetzel::test::persistent;
using hetzel::test::scripted_evaluator;
using mqtt::reason_code;
using plugins::hook;

namespace {

constexpr auto qos_1 = mqtt::qos::at_least_once;

template <class Result, class Call>
Result result_of(Call&& call) {
  std::promise<Result> said;
  call([&](Result result) { said.set_value(std::move(result)); });
  return said.get_future().get();
}

plugins::subscriber_id called(std::string client_id) {
  return {"", std::move(client_id)};
}

} // namespace

TEST_CASE("a plugin ends a connection, and the Session with it if it wants "
          "(spec 7)") {
  hooked_node node;
  plugin_broker broker{node.exchange};
  const auto disconnect = [&](std::string id, bool cleanup) {
    return result_of<bool>([&](auto done) {
      broker.disconnect(called(std::move(id)), cleanup, done);
    });
  };
  auto client = node.client(persistent("c"));
  CHECK(!disconnect("nobody", false));
  CHECK(disconnect("c", false));
  CHECK(client.wait_closed() == reason_code::administrative_action);
  CHECK(client.connect(persistent("c")).session_present);
  CHECK(disconnect("c", true));
  CHECK(client.wait_closed() == reason_code::administrative_action);
  CHECK(!client.connect(persistent("c")).session_present);
}

TEST_CASE("a plugin publishes, and nobody is asked") {
  hooked_node node;
  node.use({}, {hook::auth_on_publish});
  plugin_broker broker{node.exchange};
  auto client = node.client("c");
  client.subscribe("t", {qos_1});
  const auto publish = [&](plugins::internal_message message) {
    return result_of<reason_code>([&](auto done) {
      broker.publish(std::move(message), done);
    });
  };
  plugins::internal_message message;
  message.topic_name = "t";
  message.payload = "hello";
  message.quality = qos_1;
  message.retain = true;
  CHECK(publish(message) == reason_code::success);
  CHECK(client.next().payload == "hello");
  auto late = node.client("late");
  late.subscribe("t", {qos_1});
  CHECK(late.next().payload == "hello");
  message.topic_name = "a/#";
  CHECK(publish(message) == reason_code::topic_name_invalid);
  message.topic_name = "elsewhere";
  CHECK(publish(message) == reason_code::no_matching_subscribers);
}

TEST_CASE("subscriptions are asked about again: refused ones go, rewritten "
          "ones are put in their place (spec 7)") {
  hooked_node node;
  plugin_broker broker{node.exchange};
  auto client = node.client("c");
  for (const auto* filter : {"stays", "goes", "moves"})
    client.subscribe(filter, {qos_1});
  auto script = std::make_shared<scripted_evaluator>();
  script->subscribing = [](const plugins::subscribe_request& asked) {
    using verdict = plugins::subscribe_verdict;
    const auto filter = asked.topics[0].topic_filter;
    if (asked.client.user_name != mqtt::bytes_view{"jules"})
      return verdict::error();
    if (filter == "goes")
      return verdict::error();
    if (filter == "moves")
      return verdict::ok({{{"moved", reason_code::granted_qos_1, {}}}});
    return verdict::ok();
  };
  node.use({hook::auth_on_subscribe}, script);
  using outcome = std::optional<plugins::reauthorized>;
  const auto done = result_of<outcome>([&](auto on_done) {
    broker.reauthorize(called("c"), "jules", on_done);
  });
  REQUIRE(done);
  CHECK(done->removed.size() == 2);
  CHECK(done->added == std::vector<std::string>{"moved"});
  node.use({});
  CHECK(test::node_probe::eventually([&] {
    return client.publish("goes", "x") == reason_code::no_matching_subscribers
           && client.publish("moved", "x") == reason_code::success;
  }));
  CHECK(client.publish("stays", "x") == reason_code::success);
  CHECK(client.publish("moves", "x") == reason_code::no_matching_subscribers);
  CHECK(!result_of<outcome>([&](auto on_done) {
    broker.reauthorize(called("nobody"), {}, on_done);
  }));
}

} // namespace hooks_plugin_broker_test
