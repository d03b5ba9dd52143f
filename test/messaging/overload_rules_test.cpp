#include "actors/messaging/overload/rules.hpp"

#include <doctest/doctest.h>

namespace overload_rules_test {

using namespace hetzel;
using namespace hetzel::messaging;
using namespace std::chrono_literals;
using level = overload_level;

namespace {

struct desk {
  level see(const overload_reading& reading, std::chrono::milliseconds later
                                             = 0ms) {
    now += later;
    return rules.update(reading, config, now);
  }

  overload_config config;
  overload_rules rules;
  mqtt::time_point now{};
};

} // namespace

TEST_CASE("each measurement has its thresholds, and the worst decides") {
  desk here;
  here.config.memory_max = 1'000;
  CHECK(here.see({.memory_bytes = 799}) == level::none);
  CHECK(here.rules.cause() == "none");
  CHECK(here.see({.memory_bytes = 800}) == level::elevated);
  CHECK(here.rules.cause() == "memory");
  CHECK(here.see({.memory_bytes = 800, .lag = 1'000ms}) == level::high);
  CHECK(here.rules.cause() == "lag");
  CHECK(here.see({.store_lag = 8s}) == level::critical);
  CHECK(here.rules.cause() == "store");
}

TEST_CASE("many waiting messages are load as well") {
  desk here;
  CHECK(here.see({.mailbox = 99'999}) == level::none);
  CHECK(here.see({.mailbox = 200'000}) == level::high);
  CHECK(here.rules.cause() == "mailbox");
}

TEST_CASE("what has no limit does not count") {
  desk here;
  here.config.lag_max = std::nullopt;
  CHECK(here.see({.memory_bytes = 1'000'000'000'000, .lag = 1h})
        == level::none);
}

TEST_CASE("a level ends when less was measured for as long as it holds") {
  desk here;
  CHECK(here.see({.lag = 1'000ms}) == level::high);
  CHECK(here.see({.lag = 0ms}) == level::high);
  CHECK(here.see({.lag = 0ms}, 4'999ms) == level::high);
  CHECK(here.see({.lag = 500ms}, 1ms) == level::elevated);
  CHECK(here.see({.lag = 0ms}) == level::elevated);
  CHECK(here.see({.lag = 0ms}, 5s) == level::none);
  CHECK(here.rules.cause() == "none");
}

TEST_CASE("what is just below a threshold keeps its level, and makes none") {
  desk here;
  CHECK(here.see({.lag = 499ms}) == level::none);
  CHECK(here.see({.lag = 500ms}) == level::elevated);
  for (int i = 0; i < 10; ++i)
    CHECK(here.see({.lag = 460ms}, 5s) == level::elevated);
  CHECK(here.see({.lag = 400ms}, 1s) == level::elevated);
  // It comes near again: the wait begins anew.
  CHECK(here.see({.lag = 460ms}, 4s) == level::elevated);
  CHECK(here.see({.lag = 400ms}, 1s) == level::elevated);
  CHECK(here.see({.lag = 400ms}, 5s) == level::none);
}

} // namespace overload_rules_test
