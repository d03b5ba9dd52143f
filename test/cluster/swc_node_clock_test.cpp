#include "cluster/swc/node_clock.hpp"

#include <doctest/doctest.h>

namespace swc_node_clock_test {

using namespace hetzel::cluster;

namespace {

constexpr actor_id a{1};
constexpr actor_id b{2};
constexpr actor_id c{3};

} // namespace

TEST_CASE("a version vector covers what is at most its entry, and absent "
          "actors only at 0") {
  version_vector v{{a, 3}};
  CHECK(v.covers(dot{a, 3}));
  CHECK_FALSE(v.covers(dot{a, 4}));
  CHECK_FALSE(v.covers(dot{b, 1}));
  CHECK(v.covers(version_vector{}));
  CHECK(v.covers(version_vector{{a, 2}}));
  CHECK_FALSE(v.covers(version_vector{{a, 2}, {b, 1}}));
}

TEST_CASE("the join of version vectors takes the larger counter of each actor "
          "and never lowers one") {
  version_vector v{{a, 3}, {c, 1}};
  v.join({{a, 2}, {b, 5}, {c, 4}});
  CHECK(v == version_vector{{a, 3}, {b, 5}, {c, 4}});
  v.raise(b, 0);
  CHECK(v.at(b) == 5);
}

TEST_CASE("stripping a vector leaves what the clock does not say, and filling "
          "it again gives the whole back") {
  version_vector base{{a, 3}, {b, 2}};
  version_vector context{{a, 3}, {b, 4}, {c, 1}};
  auto whole = context;
  whole.join(base);
  CHECK(context.strip(base));
  CHECK(context == version_vector{{b, 4}, {c, 1}});
  context.join(base);
  CHECK(context == whole);
}

TEST_CASE("a clock's base ends before the first gap of each actor") {
  node_clock clock;
  clock.add(a, {1, 4});
  clock.add(dot{a, 6});
  clock.add(dot{b, 2});
  CHECK(clock.base() == version_vector{{a, 4}});
  clock.add(dot{b, 1});
  CHECK(clock.base() == version_vector{{a, 4}, {b, 2}});
  CHECK(clock.contains({a, 6}));
  CHECK_FALSE(clock.contains({a, 5}));
  CHECK_FALSE(clock.contains({c, 1}));
}

TEST_CASE("what a clock lacks of another is given as runs by actor") {
  node_clock mine;
  mine.add(a, {1, 4});
  node_clock theirs;
  theirs.add(a, {1, 2});
  theirs.add(a, {4, 9});
  theirs.add(b, {3, 3});
  auto gaps = theirs.minus(mine);
  REQUIRE(gaps.size() == 2);
  CHECK(gaps[0].actor == a);
  CHECK(gaps[0].runs == std::vector<counter_run>{{5, 9}});
  CHECK(gaps[1].actor == b);
  CHECK(gaps[1].runs == std::vector<counter_run>{{3, 3}});
  CHECK_FALSE(mine.includes(theirs));
  mine.unite(theirs);
  CHECK(mine.includes(theirs));
  CHECK(theirs.minus(mine).empty());
}

} // namespace swc_node_clock_test
