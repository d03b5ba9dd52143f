#include "plugins/host/plugin_host.hpp"

#include "actors/runtime/log.hpp"
#include "actors/runtime/register_types.hpp"
#include "plugins/type_ids.hpp"
#include "test/support/node_probe.hpp"
#include "test/support/scripted_evaluator.hpp"
#include "test/support/scripted_hook_actor.hpp"

#include <doctest/doctest.h>

#include <caf/actor_cast.hpp>
#include <caf/actor_system.hpp>
#include <caf/actor_system_config.hpp>
#include <caf/scoped_actor.hpp>

#include <atomic>
#include <mutex>
#include <stdexcept>

namespace plugin_host_test {

using namespace std::chrono_literals;
using namespace hetzel;
using namespace hetzel::plugins;
using hetzel::test::node_probe;
using hetzel::test::scripted_evaluator;

namespace {

constexpr hook_set acl_hooks{hook::auth_on_publish};

const bool types_are_registered = [] {
  runtime::register_types();
  plugins::register_types();
  runtime::log::set_threshold(runtime::log::level::off);
  return true;
}();

evaluator_ptr saying(outcome said) {
  auto made = std::make_shared<scripted_evaluator>();
  made->named = acl_hooks;
  made->publishing = [said](const publish_request&) {
    publish_verdict verdict;
    verdict.result = said;
    return verdict;
  };
  return made;
}

struct idle_broker final : broker {
  void disconnect(const subscriber_id&, bool,
                  std::function<void(bool)>) override {}
  void reauthorize(const subscriber_id&, std::optional<std::string>,
                   std::function<void(std::optional<reauthorized>)>) override {
  }
  void publish(internal_message,
               std::function<void(mqtt::reason_code)>) override {}
};

/// A host with its plugins, and the table it published last.
struct host_fixture {
  explicit host_fixture(std::vector<plugin_spec> specs)
    : self(system), host(spawn_plugin_host(system, options(std::move(specs)))) {
  }

  ~host_fixture() {
    self->send_exit(host, caf::exit_reason::user_shutdown);
    self->wait_for(host);
  }

  plugin_host_options options(std::vector<plugin_spec> specs) {
    plugin_host_options made;
    made.choice = std::make_shared<const plugin_choice>(
      plugin_choice{std::move(specs)});
    made.broker = &node;
    made.publish = [this](hook_table_ptr next) {
      const std::lock_guard guard{mutex};
      table = std::move(next);
    };
    return made;
  }

  bool await_started() {
    bool is_started = false;
    self->request(host, 20s, runtime::started_atom_v)
      .receive([&] { is_started = true; }, [](const caf::error&) {});
    return is_started;
  }

  template <class Atom>
  bool tell(Atom what, const std::string& plugin) {
    bool is_done = false;
    self->request(host, 20s, what, plugin)
      .receive([&] { is_done = true; }, [](const caf::error&) {});
    return is_done;
  }

  std::string state_of(const std::string& plugin) {
    std::string found;
    self->request(host, 20s, runtime::describe_atom_v)
      .receive(
        [&](const runtime::actor_description& seen) {
          for (const auto& entry : seen.state)
            if (entry.key == "plugin." + plugin)
              found = entry.value;
        },
        [](const caf::error&) {});
    return found;
  }

  outcome publishing() {
    const std::lock_guard guard{mutex};
    const auto& chain
      = table->chain_of(hook::auth_on_publish, hook_form::v5);
    return chain.empty() ? outcome::next
                         : chain[0]->in_place->auth_on_publish({}).result;
  }

  caf::actor_system_config settings;
  caf::actor_system system{settings};
  caf::scoped_actor self;
  idle_broker node;
  std::mutex mutex;
  hook_table_ptr table;
  plugin_host host;
};

plugin_spec allowing(std::string name) {
  plugin_spec made;
  made.name = std::move(name);
  made.is_on = true;
  made.hooks = acl_hooks;
  made.start = [](const plugin_port_ptr& port) {
    port->publish(saying(outcome::ok));
    return caf::actor_cast<caf::strong_actor_ptr>(
      test::spawn_idle_actor(port->system()));
  };
  return made;
}

} // namespace

TEST_CASE("a plugin that is on starts and takes part in the chains") {
  host_fixture f{{allowing("acl")}};
  REQUIRE(f.await_started());
  CHECK(f.state_of("acl") == "on");
  CHECK(node_probe::eventually(
    [&] { return f.publishing() == outcome::ok; }));
}

TEST_CASE("a plugin that cannot start is off, with its reason; the others run, "
          "and what it was to decide is refused") {
  auto broken = allowing("broken");
  broken.start = [](const plugin_port_ptr&) -> caf::strong_actor_ptr {
    throw std::runtime_error{"no password file"};
  };
  host_fixture f{{broken, allowing("other")}};
  REQUIRE(f.await_started());
  CHECK(f.state_of("broken").find("failed") == 0);
  CHECK(f.state_of("broken").find("no password file") != std::string::npos);
  CHECK(f.state_of("other") == "on");
  CHECK(f.publishing() == outcome::error);
}

TEST_CASE("a plugin is enabled and disabled while the node runs") {
  auto spec = allowing("acl");
  spec.is_on = false;
  host_fixture f{{spec}};
  REQUIRE(f.await_started());
  CHECK(!f.table->has(hook::auth_on_publish, hook_form::v5));
  REQUIRE(f.tell(enable_atom_v, "acl"));
  CHECK(node_probe::eventually(
    [&] { return f.publishing() == outcome::ok; }));
  REQUIRE(f.tell(disable_atom_v, "acl"));
  CHECK(node_probe::eventually([&] { return f.state_of("acl") == "off"; }));
  CHECK(f.publishing() == outcome::next);
  CHECK(!f.tell(enable_atom_v, "nobody"));
}

TEST_CASE("a plugin that is killed is started again by its supervisor, and its "
          "snapshot stays in force meanwhile") {
  std::atomic<int> starts{0};
  std::atomic<outcome> said{outcome::error};
  caf::strong_actor_ptr actor;
  std::mutex mutex;
  auto spec = allowing("acl");
  spec.start = [&](const plugin_port_ptr& port) {
    ++starts;
    port->publish(saying(outcome::ok));
    const std::lock_guard guard{mutex};
    actor = caf::actor_cast<caf::strong_actor_ptr>(
      test::spawn_idle_actor(port->system()));
    return actor;
  };
  host_fixture f{{spec}};
  REQUIRE(f.await_started());
  {
    const std::lock_guard guard{mutex};
    node_probe::kill(std::exchange(actor, nullptr));
  }
  CHECK(f.publishing() == outcome::ok);
  CHECK(node_probe::eventually([&] {
    f.state_of("acl");
    return starts == 2;
  }));
  CHECK(f.state_of("acl") == "on");
  const std::lock_guard guard{mutex};
  actor = nullptr;
}

TEST_CASE("another configuration starts a plugin anew when its settings "
          "changed") {
  std::atomic<int> starts{0};
  auto spec = allowing("acl");
  spec.start = [&](const plugin_port_ptr& port) {
    ++starts;
    return caf::actor_cast<caf::strong_actor_ptr>(
      test::spawn_idle_actor(port->system()));
  };
  host_fixture f{{spec}};
  REQUIRE(f.await_started());
  const auto choose = [&](const plugin_spec& one) {
    f.self->send(f.host, plugin_choice_ptr{
                           std::make_shared<const plugin_choice>(
                             plugin_choice{{one}})});
  };
  choose(spec);
  CHECK(f.state_of("acl") == "on");
  CHECK(starts == 1);
  spec.settings = "another file";
  choose(spec);
  CHECK(node_probe::eventually([&] {
    return f.state_of("acl") == "on" && starts == 2;
  }));
}

TEST_CASE("a provider may be an actor; the chain has its offer") {
  auto spec = allowing("slow");
  const auto script = std::make_shared<test::hook_actor_script>();
  spec.start = [&](const plugin_port_ptr& port) {
    const auto actor = test::spawn_scripted_hook_actor(port->system(), script);
    port->publish(actor_offer{.actor = actor,
                              .hooks = acl_hooks,
                              .timeout = 7ms,
                              .on_timeout = outcome::next});
    return caf::actor_cast<caf::strong_actor_ptr>(actor);
  };
  host_fixture f{{spec}};
  REQUIRE(f.await_started());
  const auto is_offered = [&] {
    f.state_of("slow");
    const std::lock_guard guard{f.mutex};
    const auto& chain
      = f.table->chain_of(hook::auth_on_publish, hook_form::v3);
    return chain.size() == 1 && !chain[0]->is_in_place()
           && chain[0]->elsewhere->timeout == 7ms;
  };
  CHECK(node_probe::eventually(is_offered));
}

} // namespace plugin_host_test
