#include "actors/runtime/compaction.hpp"

#include <doctest/doctest.h>

namespace compaction_test {

using namespace std::chrono_literals;
using namespace hetzel::runtime;

namespace {

constexpr compaction_rules rules{.is_on = true,
                                 .lend_below = 0.6,
                                 .return_above = 0.75,
                                 .window = 10ms,
                                 .quiet = 50ms,
                                 .streak = 3ms};

const time_point start{1h};

} // namespace

TEST_CASE("a share is what a thread did not sleep of its window") {
  load_meter meter{rules, start};
  meter.slept(start + 1ms, start + 3ms);
  CHECK(!meter.share(start + 4ms));
  meter.slept(start + 4ms, start + 10ms);
  const auto share = meter.share(start + 10ms);
  REQUIRE(share);
  CHECK(*share == doctest::Approx(0.2));
  // The next window begins anew.
  CHECK(meter.share(start + 20ms) == 1.0);
}

TEST_CASE("a sleep that began before the window counts from its begin only") {
  load_meter meter{rules, start};
  CHECK(meter.share(start + 10ms) == 1.0);
  meter.slept(start + 5ms, start + 15ms);
  CHECK(*meter.share(start + 20ms) == doctest::Approx(0.5));
}

TEST_CASE("a streak is time without any sleep") {
  load_meter meter{rules, start};
  CHECK(!meter.is_streak(start + 3ms));
  CHECK(meter.is_streak(start + 4ms));
  meter.slept(start + 4ms, start + 5ms);
  CHECK(!meter.is_streak(start + 8ms));
  CHECK(meter.is_streak(start + 9ms));
}

TEST_CASE("a reactor is lent when both together are quiet, from the start") {
  lending_rule rule{rules};
  CHECK(!rule.is_due(start, 0.3, 0.4));
  CHECK(!rule.is_due(start + 10ms, 0.3, 0.2));
  CHECK(!rule.is_due(start + 49ms, 0.3, 0.2));
  CHECK(rule.is_due(start + 50ms, 0.3, 0.2));
  CHECK(lending_rule{rules}.is_due(start, 0.0, 0.5));
}

TEST_CASE("one that was given back stays for a while") {
  lending_rule rule{rules};
  rule.returned(start);
  CHECK(!rule.is_due(start + 10ms, 0, 0));
  CHECK(rule.is_due(start + 50ms, 0, 0));
}

} // namespace compaction_test
