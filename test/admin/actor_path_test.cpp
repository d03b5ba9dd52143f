#include "actors/admin/actor_path.hpp"

#include <doctest/doctest.h>

namespace actor_path_test {

using namespace hetzel::admin;
using hetzel::runtime::tree_node;

namespace {

tree_node named(const char* name, std::vector<tree_node> children = {}) {
  tree_node made;
  made.listing.name = name;
  made.children = std::move(children);
  return made;
}

const tree_node root
  = named("", {named("messaging", {named("a"), named("b", {named("c")})})});

} // namespace

TEST_CASE("an actor is found by the names from below the root") {
  CHECK(find_actor(root, ".") == &root);
  CHECK(find_actor(root, "messaging") == &root.children[0]);
  CHECK(find_actor(root, "messaging/b/c")
        == &root.children[0].children[1].children[0]);
  CHECK(find_actor(root, "messaging/b/") == &root.children[0].children[1]);
}

TEST_CASE("a name that is nobody's finds nobody") {
  for (const auto* word : {"", "/", "messaging/x", "c", "messaging//b", "77"}) {
    CAPTURE(word);
    CHECK(find_actor(root, word) == nullptr);
  }
}

} // namespace actor_path_test
