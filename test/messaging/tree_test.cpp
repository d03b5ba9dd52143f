#include "actors/messaging/tree.hpp"

#include "test/support/messaging_node.hpp"

#include <doctest/doctest.h>

#include <caf/exit_reason.hpp>

#include <map>
#include <optional>
#include <string>

namespace tree_test {

using namespace hetzel;
using namespace hetzel::messaging;
using hetzel::test::entry_of;
using hetzel::test::is_complete;
using hetzel::test::messaging_client;
using hetzel::test::messaging_node;
using hetzel::test::node_probe;
using hetzel::test::persistent;

namespace {

constexpr auto qos_1 = mqtt::qos::at_least_once;

std::optional<runtime::tree_node> supervisor(const messaging_node& node,
                                             std::string_view name) {
  return node.probe.find("runtime.supervisor", "name", name);
}

/// Kills that supervisor and waits until a whole tree stands again.
void restart_supervisor(const messaging_node& node, std::string_view name) {
  const auto former = supervisor(node, name);
  REQUIRE(former);
  node_probe::kill(former->listing.actor);
  REQUIRE(node_probe::eventually([&] {
    const auto now = supervisor(node, name);
    return now && now->listing.actor != former->listing.actor
           && is_complete(node.probe.tree());
  }));
}

} // namespace

TEST_CASE("the tree lists every actor of messaging, down to sessions and "
          "queues") {
  messaging_node node;
  auto client = node.client("c");
  std::map<std::string, std::size_t> kinds;
  const auto tree = node.probe.tree();
  CHECK(is_complete(tree));
  runtime::for_each_node(tree, [&](const auto& one, std::size_t) {
    ++kinds[hetzel::test::label_of(one)];
  });
  CHECK(kinds["messaging.subscription_shard"]
        == node.exchange.subscriptions.shard_count());
  CHECK(kinds["messaging.retained_shard"] == 2);
  CHECK(kinds["messaging.courier"] == 2);
  CHECK(kinds["messaging.registrar"] == 2);
  CHECK(kinds["net.connect_gate"] == 2);
  CHECK(kinds["messaging.queue"] == 1);
  CHECK(kinds["messaging.session"] == 1);
  CHECK(kinds["runtime.supervisor reactor"] == 2);
}

TEST_CASE("no supervisor's death costs a client its connection, its Session "
          "or a message") {
  messaging_node node;
  for (const char* name :
       {"subscriptions", "retained", "reactor-0", "reactor-1", "messaging"}) {
    auto one = node.client(persistent(node.id_on(0, "one")));
    auto two = node.client(persistent(node.id_on(1, "two")));
    auto away = node.client(persistent(node.id_on(0, "away")));
    for (auto* client : {&one, &two, &away})
      client->subscribe("t/#", {qos_1});
    away.disconnect();
    one.publish("t/kept", std::string{"kept "} + name, qos_1, true);
    restart_supervisor(node, name);

    two.publish("t/x", name);
    one.until(name);
    two.until(name);
    CHECK(away.connect(persistent(node.id_on(0, "away"))).session_present);
    CHECK(away.until(name).back() == std::string{"kept "} + name);
    auto fresh = node.client("fresh");
    fresh.subscribe("t/kept", {qos_1});
    CHECK(fresh.next().payload == std::string{"kept "} + name);
  }
}

TEST_CASE("a child that dies too often is restarted with its neighbours, and "
          "clients stay") {
  messaging_node node;
  auto client = node.client(persistent(node.id_on(0, "c")));
  client.subscribe("t", {qos_1});
  const auto former = supervisor(node, "reactor-0");
  for (int i = 0; i < 7; ++i)
    CHECK(node.restart("messaging.courier", 0));
  CHECK(node_probe::eventually([&] {
    const auto now = supervisor(node, "reactor-0");
    return now && now->listing.actor != former->listing.actor
           && is_complete(node.probe.tree());
  }));
  CHECK(supervisor(node, "reactor-0")->listing.restarts == 1);
  client.publish("t", "x");
  CHECK(client.next().payload == "x");
}

TEST_CASE("Sessions whose registrar is not restarted any more end with the "
          "node") {
  messaging_node node;
  auto client = node.client(persistent(node.id_on(0, "c")));
  const auto queue
    = node.probe.find("messaging.queue", "client_id", node.id_on(0, "c"));
  const auto registrar = node.actor("messaging.registrar", 0);
  // As when the node is told to stop just then: nobody adopts.
  for (const char* name : {"reactor-0", "messaging"})
    node.self->send_exit(supervisor(node, name)->listing.actor,
                         caf::exit_reason::kill);
  node.self->send_exit(node.root, caf::exit_reason::user_shutdown);
  node.self->wait_for(node.root);
  end_orphans(node.exchange, node.self);
  client.wait_closed();
  CHECK(node.local(0).queues.size() == 0);
}

} // namespace tree_test
