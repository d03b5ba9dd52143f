#include "cluster/broadcast/broadcast_tree.hpp"

#include <doctest/doctest.h>

namespace broadcast_tree_test {

using namespace hetzel::cluster;
using namespace std::chrono_literals;

namespace {

constexpr store_id a{1};
constexpr store_id b{2};
constexpr store_id c{3};

constexpr tree_options defaults{};
constexpr broadcast_tree::time_point start{};

using stores = std::set<store_id>;

} // namespace

TEST_CASE("a peer is pruned at the second frame in a row that was known") {
  broadcast_tree tree{{a, b}, {c}};
  CHECK_FALSE(tree.on_duplicate(a, defaults, start));
  CHECK(tree.eager() == stores{a, b});
  CHECK(tree.on_duplicate(a, defaults, start));
  CHECK(tree.eager() == stores{b});
  CHECK(tree.lazy() == stores{a, c});
}

TEST_CASE("a new frame from a peer makes up for one that was known") {
  broadcast_tree tree{{a}, {}};
  for (auto n = 0; n < 10; ++n) {
    CHECK_FALSE(tree.on_duplicate(a, defaults, start));
    tree.on_new(a);
  }
  CHECK(tree.eager() == stores{a});
}

TEST_CASE("a peer that goes on sending is pruned once a second, not with each "
          "frame") {
  broadcast_tree tree{{a}, {}};
  auto prunes = 0;
  for (auto n = 0; n <= 3000; ++n)
    prunes += tree.on_duplicate(a, defaults, start + n * 1ms);
  CHECK(prunes == 3);
  // A frame that was new in between is no reason to be pruned twice.
  tree.on_new(a);
  CHECK_FALSE(tree.on_duplicate(a, defaults, start + 3s));
  CHECK_FALSE(tree.on_duplicate(a, defaults, start + 3s));
}

TEST_CASE("peers count their frames apart") {
  broadcast_tree tree{{a, b}, {}};
  CHECK_FALSE(tree.on_duplicate(a, defaults, start));
  CHECK_FALSE(tree.on_duplicate(b, defaults, start));
  CHECK(tree.on_duplicate(a, defaults, start));
  CHECK(tree.eager() == stores{b});
}

TEST_CASE("a prune makes a peer lazy, a graft makes it eager again") {
  broadcast_tree tree{{a}, {b}};
  tree.on_prune(a);
  CHECK(tree.eager().empty());
  CHECK(tree.lazy() == stores{a, b});
  tree.on_graft(a);
  tree.on_graft(c);
  CHECK(tree.eager() == stores{a, c});
  CHECK(tree.lazy() == stores{b});
}

TEST_CASE("a root is grafted once a second, and what the peer sent before is "
          "forgiven") {
  broadcast_tree tree{{a}, {}};
  CHECK_FALSE(tree.on_duplicate(a, defaults, start));
  CHECK(tree.may_graft(a, defaults, start));
  CHECK_FALSE(tree.may_graft(b, defaults, start + 999ms));
  CHECK_FALSE(tree.on_duplicate(a, defaults, start));
  CHECK(tree.may_graft(b, defaults, start + 1s));
}

TEST_CASE("a peer that is down is in no set") {
  broadcast_tree tree{{a, b}, {c}};
  tree.drop(a);
  tree.drop(c);
  CHECK(tree.eager() == stores{b});
  CHECK(tree.lazy().empty());
}

} // namespace broadcast_tree_test
