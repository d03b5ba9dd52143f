#include "actors/node/commands.hpp"

#include "actors/admin/client/control_client.hpp"
#include "test/support/node_fixture.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <filesystem>
#include <string>
#include <vector>

namespace commands_test {

using namespace hetzel;
using hetzel::test::node_fixture;
using hetzel::test::open_node_config;
using hetzel::test::temporary_directory;

namespace {

using words = std::vector<std::string>;
using namespace std::chrono_literals;

admin::control_client operator_of(const node_fixture& node) {
  auto made = admin::control_client::connect(node.home.path("control.sock"),
                                             20s);
  REQUIRE(made);
  return *std::move(made);
}

/// The lines of the answer, and its sentence when it is no success.
words ask(admin::control_client& node, const words& what) {
  words heard;
  const auto ended = node.ask(
    what, [&](std::string_view text) { heard.emplace_back(text); });
  REQUIRE(ended);
  if (ended->how != admin::outcome::ok)
    heard.push_back(ended->sentence);
  return heard;
}

bool has(const words& lines, std::string_view part) {
  return std::ranges::any_of(lines, [&](const auto& line) {
    return line.find(part) != std::string::npos;
  });
}

} // namespace

TEST_CASE("a running node says who it is and how it fares") {
  node_fixture node;
  auto shell = operator_of(node);
  CHECK(ask(shell, {"version"}) == words{"hetzel " HETZEL_VERSION});
  const auto lines = ask(shell, {"status"});
  CHECK(has(lines, "nodename: hetzel@127.0.0.1"));
  CHECK(has(lines,
            "listeners: tcp.test=127.0.0.1:" + std::to_string(node.port())));
  CHECK(has(lines, "message_store: ok"));
  CHECK(has(lines, "message_durability: written"));
  CHECK(has(ask(shell, {"help"}), "kill ACTOR"));
}

TEST_CASE("an operator lists the tree and kills what is in it, his own server "
          "too") {
  node_fixture node;
  auto shell = operator_of(node);
  CHECK(has(ask(shell, {"tree"}), "control_server"));
  CHECK(has(ask(shell, {"kill", "storage/store_writer-0"}),
            "killed messaging.store_writer"));
  CHECK_FALSE(shell.ask(words{"kill", "admin/control_server"},
                        [](std::string_view) {}));
  auto again = operator_of(node);
  CHECK(has(ask(again, {"describe", "admin/control_server"}), "restarts: 1"));
}

TEST_CASE("an operator makes the configuration be read again, if the node can "
          "do that") {
  const temporary_directory home;
  auto config = open_node_config();
  config.data_dir = home.path();
  node::node running{config};
  running.on_reload([](const admin::reply& to) { to.done({"applied: all"}); });
  REQUIRE(running.start());
  auto shell = *admin::control_client::connect(home.path("control.sock"), 20s);
  CHECK(ask(shell, {"reload"}) == words{"applied: all"});
  running.stop();

  node_fixture fixed;
  auto other = operator_of(fixed);
  CHECK(ask(other, {"reload"}) == words{"no command reload; see help"});
}

TEST_CASE("the control socket can be elsewhere, or nowhere") {
  auto config = open_node_config();
  config.control_socket.reset();
  {
    node_fixture closed{config};
    CHECK_FALSE(std::filesystem::exists(closed.home.path("control.sock")));
  }
  const temporary_directory place;
  config.control_socket = place.path("s");
  node_fixture elsewhere{config};
  CHECK(admin::control_client::connect(place.path("s"), 20s));
  node::node second{[&] {
    auto same = config;
    same.data_dir = place.path("second");
    return same;
  }()};
  const auto started = second.start();
  REQUIRE_FALSE(started);
  CHECK(started.error().find("a running node has it") != std::string::npos);
}

} // namespace commands_test
