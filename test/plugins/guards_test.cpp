#include "plugins/guards/guards.hpp"

#include "plugins/bans/ban_plugin.hpp"
#include "plugins/files/text_file.hpp"
#include "plugins/guards/settings_text.hpp"
#include "test/support/recording_port.hpp"
#include "test/support/temporary_directory.hpp"

#include <doctest/doctest.h>

#include <caf/exit_reason.hpp>
#include <caf/scoped_actor.hpp>

#include <map>
#include <string>

namespace guards_test {

using namespace std::chrono_literals;
using namespace hetzel;
using namespace hetzel::plugins;

namespace {

std::map<std::string, plugin_spec> by_name(std::vector<plugin_spec> specs) {
  std::map<std::string, plugin_spec> named;
  for (auto& one : specs)
    named.emplace(one.name, one);
  return named;
}

} // namespace

TEST_CASE("the guards are off unless they are asked for") {
  const test::temporary_directory folder;
  guards all{folder.path(), {}};
  REQUIRE(all.open());
  for (const auto& [name, spec] : by_name(all.specs({})))
    CHECK_FALSE(spec.is_on);
  guards_config config;
  config.passwd.chosen = {true, 3};
  config.bans.flapping.disconnects_max = 1;
  const auto specs = by_name(all.specs(config));
  CHECK(specs.at("vmq_passwd").is_on);
  CHECK(specs.at("vmq_passwd").priority == 3);
  CHECK(specs.at("bans").is_on);
  CHECK_FALSE(specs.at("vmq_acl").is_on);
}

TEST_CASE("another setting makes a guard start anew, the same ones do not") {
  const test::temporary_directory folder;
  guards all{folder.path(), {}};
  guards_config config;
  const auto before = by_name(all.specs(config));
  config.acl.covers_shared = true;
  config.jwt.options.issuer = "us";
  const auto after = by_name(all.specs(config));
  CHECK(before.at("vmq_acl").settings != after.at("vmq_acl").settings);
  CHECK(before.at("jwt").settings != after.at("jwt").settings);
  CHECK(before.at("scram").settings == after.at("scram").settings);
  CHECK(settings_text("a", "b;") != settings_text("a;1:b", ""));
}

TEST_CASE("each guard starts and publishes") {
  const test::temporary_directory folder;
  guards all{folder.path(), {}};
  REQUIRE(all.open());
  guards_config config;
  config.passwd.file = folder.path("passwd");
  config.acl.file = folder.path("acl");
  config.scram.file = folder.path("passwd");
  for (const auto& [name, spec] : by_name(all.specs(config))) {
    CAPTURE(name);
    const auto port = std::make_shared<test::recording_port>();
    caf::scoped_actor self{port->system()};
    const auto started = spec.start(port);
    REQUIRE(started);
    const auto plugin = caf::actor_cast<file_plugin>(started);
    self->request(plugin, 20s, runtime::started_atom_v)
      .receive([] {}, [](const caf::error& why) { FAIL(to_string(why)); });
    REQUIRE(port->evaluator());
    CHECK(port->evaluator()->hooks() == spec.hooks);
    self->send_exit(plugin, caf::exit_reason::kill);
    self->wait_for(plugin);
  }
}

TEST_CASE("what SCRAM shows strangers is the same after a restart") {
  const test::temporary_directory folder;
  REQUIRE(guards{folder.path(), {}}.open());
  const auto first = read_text_file(folder.path("scram.secret"));
  REQUIRE(guards{folder.path(), {}}.open());
  CHECK(read_text_file(folder.path("scram.secret")) == first);
  CHECK(first->size() == 32);
}

TEST_CASE("a broken file of bans keeps the node from starting") {
  const test::temporary_directory folder;
  REQUIRE(replace_text_file(folder.path("bans"), "nonsense\n"));
  const auto opened = guards{folder.path(), {}}.open();
  REQUIRE_FALSE(opened);
  CHECK(opened.error() == folder.path("bans") + ":1: no ban");
}

TEST_CASE("connections that end are told to the book of bans") {
  const test::temporary_directory folder;
  guards all{folder.path(), {.flapping = {.disconnects_max = 1}}};
  const auto watch = make_ban_evaluator(all.bans());
  session_event event;
  event.id.client_id = "c";
  watch->on_client_gone(event);
  CHECK_FALSE(all.bans().is_banned("c", std::nullopt));
  watch->on_client_offline(event);
  CHECK(all.bans().is_banned("c", std::nullopt));
}

} // namespace guards_test
