#include "actors/runtime/tree_walk.hpp"

#include "test/support/runtime_family.hpp"

#include <doctest/doctest.h>

#include <future>
#include <string>

namespace tree_walk_test {

using namespace std::chrono_literals;
using namespace hetzel::runtime;
using hetzel::test::runtime_family;

namespace {

/// One line for each node: depth, name, and what is wrong with it.
std::string text_of(const tree_node& root) {
  std::string result;
  for_each_node(root, [&](const tree_node& node, std::size_t depth) {
    result += std::string(depth, ' ') + node.listing.name;
    if (node.description.id == 0)
      result += " undescribed";
    if (!node.problem.empty())
      result += " (" + node.problem + ")";
    result += "\n";
  });
  return result;
}

} // namespace

TEST_CASE("an actor that hangs is listed with its problem, and the walk ends") {
  runtime_family f{2};
  std::promise<void> release;
  auto spec = f.spec(restart_strategy::one_for_one, "a");
  spec.children.push_back(f.child(
    "b", {.hangs_until = release.get_future().share()}, 1));
  spec.children.push_back(f.child("c"));
  f.start(std::move(spec));
  caf::anon_send(f.lookup("b"), caf::tick_atom_v, "late");
  const auto tree
    = walk_tree(f.system, f.supervisor, {.answer_deadline = 50ms}).get();
  CHECK(text_of(tree)
        == "\n a\n b undescribed (caf::sec::request_timeout)\n c\n");
  release.set_value();
}

TEST_CASE("a child that is stopped is listed without being asked") {
  runtime_family f;
  f.start(f.spec(restart_strategy::one_for_one, "ab"));
  CHECK(!f.ask(terminate_child_atom_v, std::string{"a"}));
  const auto tree = walk_tree(f.system, f.supervisor).get();
  CHECK(text_of(tree) == "\n a undescribed\n b\n");
  CHECK(tree.children[0].listing.state == child_state::stopped);
}

TEST_CASE("a walk stops at its limit, and the node whose children are left out "
          "says so") {
  runtime_family f;
  f.start(f.spec(restart_strategy::one_for_one, "abcd"));
  const auto tree
    = walk_tree(f.system, f.supervisor, {.nodes_max = 3}).get();
  CHECK(text_of(tree) == " (too many actors to list)\n a\n b\n");
}

TEST_CASE("however few questions may be open at a time, every actor is asked") {
  runtime_family f;
  f.start(f.spec(restart_strategy::one_for_one, "abcdefgh"));
  const auto tree
    = walk_tree(f.system, f.supervisor, {.questions_max = 1}).get();
  CHECK(text_of(tree) == "\n a\n b\n c\n d\n e\n f\n g\n h\n");
}

TEST_CASE("a root that is dead is a tree of one node with a problem") {
  runtime_family f;
  f.start(f.spec(restart_strategy::one_for_one, "a"));
  const auto root = f.supervisor;
  CHECK(f.stop(root) == caf::exit_reason::user_shutdown);
  f.supervisor = nullptr;
  const auto tree = walk_tree(f.system, root).get();
  CHECK(tree.children.empty());
  CHECK_FALSE(tree.problem.empty());
}

} // namespace tree_walk_test
