#include "cluster/swc/version_vector.hpp"

#include <doctest/doctest.h>

namespace swc_version_vector_test {

using namespace hetzel::cluster;

namespace {

constexpr actor_id a{1};
constexpr actor_id b{2};
constexpr actor_id c{3};

} // namespace

TEST_CASE("a vector covers the events up to its counters, and nothing of "
          "actors it does not know") {
  const version_vector seen{{b, 3}, {a, 1}};
  CHECK(seen.at(a) == 1);
  CHECK(seen.at(c) == 0);
  CHECK(seen.covers(dot{b, 3}));
  CHECK(!seen.covers(dot{b, 4}));
  CHECK(!seen.covers(dot{c, 1}));
  CHECK(seen.begin()->actor == a);
}

TEST_CASE("raising never lowers, and joining takes the larger of each") {
  version_vector mine{{a, 5}, {b, 1}};
  mine.raise(a, 3);
  CHECK(mine.at(a) == 5);
  const version_vector theirs{{b, 4}, {c, 2}};
  mine.join(theirs);
  CHECK(mine == version_vector{{a, 5}, {b, 4}, {c, 2}});
  CHECK(mine.covers(theirs));
  CHECK(!theirs.covers(mine));
}

TEST_CASE("stripping drops what is known anyway, and says whether it did") {
  version_vector context{{a, 5}, {b, 4}};
  CHECK(!context.strip(version_vector{{a, 4}}));
  CHECK(context.strip(version_vector{{a, 5}, {b, 1}}));
  CHECK(context == version_vector{{b, 4}});
}

} // namespace swc_version_vector_test
