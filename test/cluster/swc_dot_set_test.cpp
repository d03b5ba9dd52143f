#include "cluster/swc/dot_set.hpp"

#include <doctest/doctest.h>

#include <cstdint>
#include <random>
#include <set>

namespace swc_dot_set_test {

using namespace hetzel::cluster;

namespace {

using counters = std::set<std::uint64_t>;

counters expand(const dot_set& set) {
  counters all;
  for (std::uint64_t n = 1; n <= set.base(); ++n)
    all.insert(n);
  for (auto& run : set.exceptions())
    for (auto n = run.first; n <= run.last; ++n)
      all.insert(n);
  return all;
}

counters expand(const std::vector<counter_run>& runs) {
  counters all;
  for (auto& run : runs)
    for (auto n = run.first; n <= run.last; ++n)
      all.insert(n);
  return all;
}

/// In order, apart from each other and from the base.
bool is_normal(const dot_set& set) {
  auto end = set.base();
  for (auto& run : set.exceptions()) {
    if (run.first < end + 2 || run.last < run.first)
      return false;
    end = run.last;
  }
  return true;
}

dot_set random_set(std::mt19937& random) {
  dot_set set{random() % 3 == 0 ? random() % 20 : 0};
  for (auto runs = random() % 12; runs != 0; --runs) {
    auto first = random() % 60 + 1;
    set.add({first, first + random() % 4});
  }
  return set;
}

counters difference(const counters& a, const counters& b) {
  counters left;
  for (auto n : a)
    if (!b.contains(n))
      left.insert(n);
  return left;
}

} // namespace

TEST_CASE("a counter that fills the last gap makes one base of all runs") {
  dot_set set;
  set.add({5, 9});
  set.add(2);
  set.add({3, 4});
  CHECK(set.base() == 0);
  CHECK(set.exceptions().size() == 1);
  set.add(1);
  CHECK(set.base() == 9);
  CHECK(set.exceptions().empty());
}

TEST_CASE("a newcomer that hears of counter 10^12 first holds one run") {
  dot_set set;
  set.add(1'000'000'000'000);
  CHECK(set.exceptions().size() == 1);
  CHECK(set.contains(1'000'000'000'000));
  CHECK_FALSE(set.contains(999'999'999'999));
  auto missing = dot_set{1'000'000'000'001}.minus(set);
  CHECK(missing
        == std::vector<counter_run>{{1, 999'999'999'999},
                                    {1'000'000'000'001, 1'000'000'000'001}});
}

TEST_CASE("no counter 0 is in any set") {
  CHECK_FALSE(dot_set{}.contains(0));
  CHECK_FALSE(dot_set{7}.contains(0));
  CHECK(dot_set{}.empty());
  CHECK_FALSE(dot_set{1}.empty());
}

TEST_CASE("runs agree with explicit sets in whatever order they are added") {
  std::mt19937 random{7};
  for (auto round = 0; round < 40'000; ++round) {
    auto a = random_set(random);
    auto b = random_set(random);
    auto all_a = expand(a);
    auto all_b = expand(b);
    REQUIRE(is_normal(a));
    REQUIRE(a.last() == (all_a.empty() ? 0 : *all_a.rbegin()));
    REQUIRE(expand(a.minus(b)) == difference(all_a, all_b));
    REQUIRE(a.includes(b) == difference(all_b, all_a).empty());
    for (std::uint64_t n = 0; n < 66; ++n)
      REQUIRE(a.contains(n) == all_a.contains(n));
    auto united = a;
    united.unite(b);
    REQUIRE(is_normal(united));
    all_a.merge(all_b);
    REQUIRE(expand(united) == all_a);
    auto other_way = b;
    other_way.unite(a);
    REQUIRE(other_way == united);
  }
}

} // namespace swc_dot_set_test
