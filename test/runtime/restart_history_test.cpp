#include "actors/runtime/restart_history.hpp"

#include <doctest/doctest.h>

namespace restart_history_test {

using namespace std::chrono_literals;
using hetzel::mqtt::time_point;
using hetzel::runtime::restart_history;

TEST_CASE("one restart more than the maximum within the period is too many") {
  restart_history history{{.restarts_max = 2, .period = 10s}};
  const time_point start{1h};
  CHECK(history.add(start));
  CHECK(history.add(start + 1s));
  CHECK(!history.add(start + 10s));
}

TEST_CASE("restarts older than the period do not count") {
  restart_history history{{.restarts_max = 2, .period = 10s}};
  const time_point start{1h};
  for (int i = 0; i < 100; ++i)
    CHECK(history.add(start + i * 5001ms));
}

} // namespace restart_history_test
