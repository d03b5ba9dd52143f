#include "cluster/swc/retirement.hpp"

#include <doctest/doctest.h>

#include <array>

namespace swc_retirement_test {

using namespace hetzel::cluster;

TEST_CASE("counters that no member has are void up to the last that anybody "
          "has heard of") {
  dot_set one{3};
  one.add({6, 7});
  dot_set other{2};
  other.add(9);
  auto made = retire(std::array{retired_column{one, 7},
                                retired_column{other, 9}});
  CHECK(made.voids.exceptions().size() == 2);
  CHECK(made.voids.contains(4));
  CHECK(made.voids.contains(5));
  CHECK(made.voids.contains(8));
  CHECK_FALSE(made.voids.contains(9));
  CHECK_FALSE(made.voids.contains(10));
  CHECK_FALSE(made.needs_levelling);
}

TEST_CASE("an event that only a record knows of is void too and asks for "
          "levelling") {
  auto made = retire(std::array{retired_column{dot_set{3}, 5},
                                retired_column{dot_set{2}, 2}});
  CHECK(made.voids.contains(4));
  CHECK(made.voids.contains(5));
  CHECK(made.needs_levelling);
}

TEST_CASE("nothing is void of an actor that all know without a gap") {
  auto made = retire(std::array{retired_column{dot_set{3}, 3},
                                retired_column{dot_set{1}, 1}});
  CHECK(made.voids.empty());
  CHECK_FALSE(made.needs_levelling);
}

} // namespace swc_retirement_test
