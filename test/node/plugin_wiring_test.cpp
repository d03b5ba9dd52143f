#include "actors/node/plugin_wiring.hpp"

#include "test/support/node_fixture.hpp"
#include "test/support/scripted_evaluator.hpp"
#include "test/support/scripted_hook_actor.hpp"

#include <doctest/doctest.h>

#include <caf/actor_cast.hpp>
#include <caf/actor_system.hpp>

#include <memory>
#include <stdexcept>
#include <string>

namespace plugin_wiring_test {

using namespace hetzel;
using hetzel::test::node_fixture;
using hetzel::test::node_probe;
using hetzel::test::scripted_evaluator;
using mqtt::reason_code;

namespace {

constexpr plugins::hook_set acl_hooks{plugins::hook::auth_on_publish};

/// Lets everybody publish what starts with `prefix`.
plugins::plugin_spec rules(std::string prefix) {
  plugins::plugin_spec made;
  made.name = "rules";
  made.is_on = true;
  made.hooks = acl_hooks;
  made.settings = prefix;
  made.start = [prefix](const plugins::plugin_port_ptr& port) {
    auto script = std::make_shared<scripted_evaluator>();
    script->named = acl_hooks;
    script->publishing = [prefix](const plugins::publish_request& asked) {
      return asked.topic_name.starts_with(prefix)
               ? plugins::publish_verdict::ok()
               : plugins::publish_verdict::next();
    };
    port->publish(std::move(script));
    return caf::actor_cast<caf::strong_actor_ptr>(
      test::spawn_idle_actor(port->system()));
  };
  return made;
}

node::node_config with(plugins::plugin_spec spec) {
  auto config = test::open_node_config();
  config.plugin_specs.push_back(std::move(spec));
  return config;
}

bool may_publish(test::messaging_client& client, std::string_view topic) {
  return client.publish(topic, "x") != reason_code::not_authorized;
}

} // namespace

TEST_CASE("a node runs its plugins, and lists them in its tree") {
  node_fixture node{with(rules("open/"))};
  auto client = node.client("c");
  CHECK(node_probe::eventually([&] { return may_publish(client, "open/a"); }));
  CHECK(!may_publish(client, "secret/a"));
  const auto host = node.probe.all("plugins.host");
  REQUIRE(host.size() == 1);
  CHECK(test::entry_of(host[0], "plugin.rules") == "on");
  CHECK(test::entry_of(host[0], "hook.auth_on_publish") == "rules");
  CHECK(!node.probe.all("test.idle").empty());
}

TEST_CASE("a plugin that cannot start does not keep the node from starting; "
          "what it was to decide is refused") {
  auto broken = rules("open/");
  broken.start = [](const plugins::plugin_port_ptr&) -> caf::strong_actor_ptr {
    throw std::runtime_error{"no file"};
  };
  node_fixture node{with(broken)};
  auto client = node.client("c");
  client.ping();
  CHECK(node_probe::eventually([&] { return !may_publish(client, "open/a"); }));
}

TEST_CASE("a configuration that is read again switches plugins, without a "
          "restart") {
  node_fixture node{with(rules("open/"))};
  auto client = node.client("c");
  CHECK(node_probe::eventually([&] { return may_publish(client, "open/a"); }));
  node.running.reload(with(rules("other/")));
  CHECK(node_probe::eventually([&] {
    return may_publish(client, "other/a") && !may_publish(client, "open/a");
  }));
  auto off = rules("other/");
  off.is_on = false;
  node.running.reload(with(off));
  CHECK(node_probe::eventually(
    [&] { return !may_publish(client, "other/a"); }));
}

TEST_CASE("the host of the plugins dies: the chains stay, and the next one "
          "starts the plugins again") {
  node_fixture node{with(rules("open/"))};
  auto client = node.client("c");
  CHECK(node_probe::eventually([&] { return may_publish(client, "open/a"); }));
  const auto former = node.probe.all("plugins.host")[0].listing.actor;
  node_probe::kill(former);
  CHECK(node_probe::eventually([&] {
    const auto now = node.probe.all("plugins.host");
    return now.size() == 1 && now[0].listing.actor != former
           && test::entry_of(now[0], "plugin.rules") == "on";
  }));
  CHECK(node_probe::eventually([&] { return may_publish(client, "open/a"); }));
  CHECK(!may_publish(client, "secret/a"));
}

} // namespace plugin_wiring_test
