#include "actors/net/accept_rate.hpp"

#include <doctest/doctest.h>

namespace accept_rate_test {

using namespace hetzel;
using namespace std::chrono_literals;
using net::accept_rate;

namespace {

/// How many may be taken at once.
int burst(accept_rate& rate, mqtt::time_point now) {
  int count = 0;
  for (; count < 1'000 && rate.may_take(now); ++count)
    rate.take();
  return count;
}

} // namespace

TEST_CASE("one second's worth may come at once, then each has its time") {
  accept_rate rate{10};
  const mqtt::time_point start{1h};
  CHECK(burst(rate, start) == 10);
  CHECK(rate.next() == start + 100ms);
  CHECK(burst(rate, start + 99ms) == 0);
  CHECK(burst(rate, start + 100ms) == 1);
  CHECK(burst(rate, start + 450ms) == 3);
}

TEST_CASE("a quiet time is worth one second, not more") {
  accept_rate rate{10};
  const mqtt::time_point start{1h};
  CHECK(burst(rate, start) == 10);
  CHECK(burst(rate, start + 24h) == 10);
}

TEST_CASE("looking costs nothing") {
  accept_rate rate{1};
  for (int i = 0; i < 10; ++i)
    CHECK(rate.may_take(mqtt::time_point{1h}));
  CHECK(burst(rate, mqtt::time_point{1h}) == 1);
}

TEST_CASE("a rate of zero limits nothing") {
  accept_rate rate{0};
  CHECK(burst(rate, mqtt::time_point{1h}) == 1'000);
}

} // namespace accept_rate_test
