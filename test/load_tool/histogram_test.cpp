#include "test/load/histogram.hpp"

#include <doctest/doctest.h>

namespace histogram_test {

using hetzel::test::load::histogram;

TEST_CASE("small values are counted exactly") {
  histogram times;
  for (std::uint64_t value = 1; value <= 100; ++value)
    times.record(value);
  CHECK(times.percentile(50) == 50);
  CHECK(times.percentile(99) == 99);
  CHECK(times.percentile(100) == 100);
  CHECK(times.percentile(0) == 1);
  CHECK(times.mean() == doctest::Approx(50.5));
}

TEST_CASE("a percentile is never below the value and at most 1/128 above") {
  for (std::uint64_t value = 1; value < histogram::value_max;
       value = value * 3 + 1) {
    histogram times;
    times.record(value);
    times.record(histogram::value_max);
    const auto found = times.percentile(50);
    CHECK(found >= value);
    CHECK(found <= value + value / 128);
  }
}

TEST_CASE("the maximum is exact and bounds every percentile") {
  histogram times;
  times.record(1'000'003);
  CHECK(times.max() == 1'000'003);
  CHECK(times.percentile(99.9) == 1'000'003);
}

TEST_CASE("values beyond the range count as the largest") {
  histogram times;
  times.record(~std::uint64_t{0});
  CHECK(times.max() == histogram::value_max);
  CHECK(times.percentile(50) == histogram::value_max);
}

TEST_CASE("merging adds counts, sums and maxima; clearing forgets them") {
  histogram one;
  histogram other;
  one.record(10);
  other.record(30);
  one.merge(other);
  CHECK(one.count() == 2);
  CHECK(one.mean() == doctest::Approx(20));
  CHECK(one.max() == 30);
  one.clear();
  CHECK(one.count() == 0);
  CHECK(one.percentile(50) == 0);
}

} // namespace histogram_test
