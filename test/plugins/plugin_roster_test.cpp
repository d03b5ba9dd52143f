#include "plugins/host/plugin_roster.hpp"

#include "test/support/scripted_evaluator.hpp"

#include <doctest/doctest.h>

namespace plugin_roster_test {

using namespace hetzel;
using namespace hetzel::plugins;
using hetzel::test::scripted_evaluator;

namespace {

constexpr hook_set acl_hooks{hook::auth_on_publish, hook::auth_on_subscribe};

plugin_spec spec(std::string name, bool is_on = true) {
  plugin_spec made;
  made.name = std::move(name);
  made.is_on = is_on;
  made.hooks = acl_hooks;
  return made;
}

evaluator_ptr rules() {
  auto made = std::make_shared<scripted_evaluator>();
  made->named = acl_hooks;
  return made;
}

outcome publish_through(plugin_roster& roster) {
  const auto table = roster.make_table();
  const auto& chain
    = table->chain_of(hook::auth_on_publish, hook_form::v5);
  return chain.empty() ? outcome::next
                       : chain.front()->in_place->auth_on_publish({}).result;
}

std::string orders(plugin_roster& roster) {
  std::string text;
  while (const auto order = roster.next())
    text += (order->is_start ? '+' : '-') + order->name;
  return text;
}

} // namespace

TEST_CASE("the plugins that are on are started, once") {
  host_memory memory;
  plugin_roster roster{memory};
  roster.configure({spec("acl"), spec("jwt", false)});
  CHECK(orders(roster) == "+acl");
  CHECK(orders(roster).empty());
  CHECK(!roster.is_settled());
  roster.on_started("acl");
  CHECK(roster.is_settled());
}

TEST_CASE("what a plugin is to decide is refused until it has published") {
  host_memory memory;
  plugin_roster roster{memory};
  roster.configure({spec("acl")});
  CHECK(orders(roster) == "+acl");
  CHECK(publish_through(roster) == outcome::error);
  CHECK(roster.on_published("acl", 1, rules()));
  CHECK(publish_through(roster) == outcome::next);
}

TEST_CASE("what a plugin that failed was to decide is refused") {
  host_memory memory;
  plugin_roster roster{memory};
  roster.configure({spec("acl")});
  CHECK(orders(roster) == "+acl");
  CHECK(roster.on_published("acl", 1, rules()));
  roster.on_failed("acl", "no file");
  CHECK(roster.is_settled());
  CHECK(publish_through(roster) == outcome::error);
  CHECK(orders(roster).empty());
  CHECK(roster.enable("acl"));
  CHECK(orders(roster) == "+acl");
}

TEST_CASE("without any such plugin nobody is asked; one that was ever on "
          "leaves a chain that refuses") {
  host_memory memory;
  plugin_roster roster{memory};
  roster.configure({spec("acl", false)});
  CHECK(!roster.make_table()->has(hook::auth_on_publish, hook_form::v3));
  CHECK(roster.enable("acl"));
  CHECK(orders(roster) == "+acl");
  CHECK(roster.disable("acl"));
  CHECK(orders(roster) == "-acl");
  const auto table = roster.make_table();
  CHECK(table->has(hook::auth_on_publish, hook_form::v3));
  CHECK(table->chain_of(hook::auth_on_publish, hook_form::v3).empty());
}

TEST_CASE("a plugin whose settings changed stops, then starts; its rules stay "
          "in force meanwhile") {
  host_memory memory;
  plugin_roster roster{memory};
  roster.configure({spec("acl")});
  CHECK(orders(roster) == "+acl");
  CHECK(roster.on_published("acl", 1, rules()));
  roster.on_started("acl");
  roster.configure({spec("acl")});
  CHECK(orders(roster).empty());
  auto changed = spec("acl");
  changed.settings = "other file";
  roster.configure({changed});
  CHECK(orders(roster) == "-acl");
  CHECK(publish_through(roster) == outcome::next);
  roster.on_stopped("acl");
  CHECK(orders(roster) == "+acl");
}

TEST_CASE("a former life of a plugin is not listened to") {
  host_memory memory;
  plugin_roster roster{memory};
  roster.configure({spec("acl")});
  CHECK(orders(roster) == "+acl");
  CHECK(roster.on_published("acl", 2, rules()));
  CHECK(!roster.on_published("acl", 1, rules()));
  CHECK(!roster.on_published("unknown", 3, rules()));
  CHECK(roster.disable("acl"));
  CHECK(orders(roster) == "-acl");
  CHECK(!roster.on_published("acl", 3, rules()));
}

TEST_CASE("each table is newer than the one before, over hosts too") {
  host_memory memory;
  const auto first = plugin_roster{memory}.make_table()->version();
  CHECK(plugin_roster{memory}.make_table()->version() > first);
}

TEST_CASE("a plugin that nobody knows can be neither enabled nor disabled") {
  host_memory memory;
  plugin_roster roster{memory};
  CHECK(!roster.enable("nobody"));
  CHECK(!roster.disable("nobody"));
}

} // namespace plugin_roster_test
