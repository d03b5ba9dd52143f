#include "actors/admin/tree_commands.hpp"

#include "test/support/messaging_node.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <future>
#include <memory>
#include <string>
#include <vector>

namespace tree_commands_test {

using namespace hetzel;
using namespace hetzel::admin;
using hetzel::test::messaging_node;

namespace {

using words = std::vector<std::string>;

struct tree_desk {
  tree_desk() {
    add_tree_commands(registry, node.system, [this] {
      return caf::actor_cast<caf::strong_actor_ptr>(node.root);
    });
  }

  /// The lines of the answer, or its sentence.
  words ask(words asked) {
    auto answered = std::make_shared<std::promise<words>>();
    auto answer = answered->get_future();
    run(understand(registry, std::move(asked)),
        reply{[answered](answer_part part) {
          if (part.end && part.end->how != outcome::ok)
            part.lines.push_back(part.end->sentence);
          answered->set_value(std::move(part.lines));
        }});
    return answer.get();
  }

  messaging_node node;
  command_registry registry;
};

bool has(const words& lines, std::string_view part) {
  return std::ranges::any_of(lines, [&](const auto& line) {
    return line.find(part) != std::string::npos;
  });
}

} // namespace

TEST_CASE("the tree shows every actor, or those below one, so deep") {
  tree_desk here;
  const auto client = here.node.client("somebody");
  const auto all = here.ask({"tree"});
  CHECK(all[0].starts_with(". #"));
  CHECK(has(all, "messaging.session"));
  CHECK(has(all, "  reactor-0 #"));
  const auto one = here.ask({"tree", "messaging/reactor-0", "1"});
  CHECK(one[0].starts_with("reactor-0 #"));
  // A courier, a hook caller, a registrar and a connect gate.
  CHECK(one.size() == 5);
  CHECK(here.ask({"tree", ".", "much"}) == words{"DEPTH is a number"});
}

TEST_CASE("an actor is described with its state") {
  tree_desk here;
  const auto lines = here.ask({"describe", "messaging/reactor-1/connect_gate"});
  CHECK(has(lines, "kind: net.connect_gate"));
  CHECK(has(lines, "reactor: 1"));
  CHECK(has(lines, "state.pending: 0"));
  const auto id = std::ranges::find_if(lines, [](const auto& line) {
    return line.starts_with("id: ");
  });
  REQUIRE(id != lines.end());
  CHECK(has(here.ask({"describe", id->substr(4)}), "kind: net.connect_gate"));
  CHECK(here.ask({"describe", "reactor-9"}) == words{"no actor reactor-9"});
}

TEST_CASE("any actor can be killed but the root, and is there again") {
  tree_desk here;
  const auto before = here.node.actor("net.connect_gate", 1);
  const auto lines = here.ask({"kill", "messaging/reactor-1/connect_gate"});
  CHECK(lines
        == words{"killed net.connect_gate #" + std::to_string(before->id())});
  CHECK(here.node.is_restarted("net.connect_gate", 1, before));
  CHECK(here.ask({"kill", "."})
        == words{"the root cannot be killed: stop the node"});
}

} // namespace tree_commands_test
