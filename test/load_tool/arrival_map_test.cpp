#include "test/load/arrival_map.hpp"

#include <doctest/doctest.h>

namespace arrival_map_test {

using hetzel::test::load::arrival_map;

TEST_CASE("a number arrives once, in any order") {
  arrival_map map;
  CHECK(map.mark(100'000));
  CHECK(map.mark(0));
  CHECK_FALSE(map.mark(100'000));
}

TEST_CASE("only numbers that were sent can be missing") {
  arrival_map map;
  for (const auto number : {0U, 1U, 63U, 64U, 130U})
    map.mark(number);
  CHECK(map.missing(0) == 0);
  CHECK(map.missing(2) == 0);
  CHECK(map.missing(65) == 61);
  CHECK(map.missing(70'000) == 70'000 - 5);
}

TEST_CASE("a number out of range never arrives") {
  arrival_map map;
  CHECK(map.mark(arrival_map::sequence_max));
  CHECK_FALSE(map.mark(arrival_map::sequence_max + 1));
}

} // namespace arrival_map_test
