#include "actors/runtime/supervision_rules.hpp"

#include <doctest/doctest.h>

#include <chrono>
#include <set>
#include <string>
#include <utility>

namespace supervision_rules_test {

using namespace std::chrono_literals;
using namespace hetzel::runtime;
using hetzel::mqtt::time_point;

namespace {

const time_point start_time{std::chrono::hours{1}};

/// Carries decisions out on children that come up and end at once, unless
/// told otherwise, and writes down what it was asked: "+1 -2 x3 end".
class bench final : public supervision_sink {
public:
  explicit bench(restart_strategy strategy, std::size_t restarts_max = 3)
    : rules(strategy, {.restarts_max = restarts_max, .period = 5s}, *this) {}

  void start(child_key child) override {
    note("+" + std::to_string(child));
    if (fails.contains(child))
      rules.on_start_failed(child, now);
    else if (!slow.contains(child))
      rules.on_started(child);
  }

  void stop(child_key child) override {
    note("-" + std::to_string(child));
    if (!slow.contains(child))
      rules.on_down(child, false, now);
  }

  void forget(child_key child) override { note("x" + std::to_string(child)); }

  void finish(supervision_end why) override {
    switch (why) {
      case supervision_end::stopped: note("stopped"); break;
      case supervision_end::start_failed: note("start_failed"); break;
      case supervision_end::restarts_exceeded: note("gave_up"); break;
    }
  }

  /// Everything since the last call.
  std::string steps() { return std::exchange(log_, {}); }

  void add(std::size_t count,
           restart_policy policy = restart_policy::permanent) {
    for (std::size_t i = 0; i < count; ++i)
      rules.add(policy);
  }

  void fail(child_key child) { rules.on_down(child, true, now); }
  void end_normally(child_key child) { rules.on_down(child, false, now); }

  time_point now = start_time;
  std::set<child_key> fails; ///< whose start fails
  std::set<child_key> slow; ///< who do not answer by themselves
  supervision_rules rules;

private:
  void note(const std::string& text) {
    log_ += (log_.empty() ? "" : " ") + text;
  }

  std::string log_;
};

} // namespace

// -- start and stop -----------------------------------------------------------

TEST_CASE("children start in order, each after the one before is ready") {
  bench b{restart_strategy::one_for_one};
  b.add(3);
  b.slow = {2};
  b.rules.start_all();
  CHECK(b.steps() == "+1 +2");
  b.rules.on_started(2);
  CHECK(b.steps() == "+3");
  CHECK(b.rules.state(3) == child_state::running);
}

TEST_CASE("children stop in reverse order, each after the one before is gone") {
  bench b{restart_strategy::one_for_one};
  b.add(3);
  b.rules.start_all();
  b.steps();
  b.slow = {2};
  b.rules.stop_all();
  CHECK(b.steps() == "-3 -2");
  b.end_normally(2);
  CHECK(b.steps() == "-1 stopped");
}

TEST_CASE("a start that fails first stops those before it, then the "
          "supervisor") {
  bench b{restart_strategy::one_for_one};
  b.add(3);
  b.fails = {3};
  b.rules.start_all();
  CHECK(b.steps() == "+1 +2 +3 -2 -1 start_failed");
}

TEST_CASE("a supervisor without children starts and stops") {
  bench b{restart_strategy::one_for_all};
  b.rules.start_all();
  CHECK(b.steps().empty());
  b.rules.stop_all();
  CHECK(b.steps() == "stopped");
  b.rules.stop_all();
  CHECK(b.steps().empty());
}

TEST_CASE("stopping while a child starts ends that child too") {
  bench b{restart_strategy::one_for_one};
  b.add(3);
  b.slow = {2};
  b.rules.start_all();
  b.steps();
  b.rules.stop_all();
  CHECK(b.steps() == "-2");
  b.rules.on_started(2); // crossed the order to stop
  CHECK(b.steps().empty());
  b.end_normally(2);
  CHECK(b.steps() == "-1 stopped");
}

// -- strategies ---------------------------------------------------------------

TEST_CASE("who is restarted when child 2 of 4 fails") {
  struct row {
    restart_strategy strategy;
    const char* steps;
  };
  const row rows[] = {
    {restart_strategy::one_for_one, "+2"},
    {restart_strategy::one_for_all, "-4 -3 -1 +1 +2 +3 +4"},
    {restart_strategy::rest_for_one, "-4 -3 +2 +3 +4"},
  };
  for (const row& one : rows) {
    bench b{one.strategy};
    b.add(4);
    b.rules.start_all();
    b.steps();
    b.fail(2);
    CHECK(b.steps() == one.steps);
    CHECK(b.rules.state(2) == child_state::running);
    CHECK(b.rules.restarts(2) == 1);
  }
}

TEST_CASE("which ends make a restart") {
  struct row {
    restart_policy policy;
    bool is_abnormal;
    const char* steps;
  };
  const row rows[] = {
    {restart_policy::permanent, true, "+1"},
    {restart_policy::permanent, false, "+1"},
    {restart_policy::transient, true, "+1"},
    {restart_policy::transient, false, ""},
    {restart_policy::temporary, true, "x1"},
    {restart_policy::temporary, false, "x1"},
  };
  for (const row& one : rows) {
    CAPTURE(one.is_abnormal);
    bench b{restart_strategy::one_for_one};
    b.add(1, one.policy);
    b.rules.start_all();
    b.steps();
    b.rules.on_down(1, one.is_abnormal, b.now);
    CHECK(b.steps() == one.steps);
  }
}

TEST_CASE("a restart of all takes no temporary child along") {
  bench b{restart_strategy::one_for_all};
  b.add(1);
  b.add(1, restart_policy::temporary);
  b.add(1);
  b.rules.start_all();
  b.steps();
  b.fail(1);
  CHECK(b.steps() == "-3 -2 x2 +1 +3");
}

TEST_CASE("a restart of all revives neither whom an operator stopped nor whom "
          "its work was done") {
  bench b{restart_strategy::one_for_all};
  b.add(3, restart_policy::transient);
  b.rules.start_all();
  b.rules.stop(3);
  b.end_normally(2);
  b.steps();
  b.fail(1);
  CHECK(b.steps() == "+1");
}

// -- what happens meanwhile ---------------------------------------------------

TEST_CASE("a child that fails while the others are stopped for a restart is "
          "restarted once") {
  bench b{restart_strategy::one_for_all};
  b.add(3);
  b.rules.start_all();
  b.steps();
  b.slow = {3};
  b.fail(1);
  CHECK(b.steps() == "-3");
  b.fail(2);
  b.slow = {};
  b.end_normally(3);
  CHECK(b.steps() == "+1 +2 +3");
}

TEST_CASE("a child that fails while another is restarted has its turn after") {
  bench b{restart_strategy::one_for_one};
  b.add(2);
  b.rules.start_all();
  b.steps();
  b.slow = {1};
  b.fail(1);
  b.fail(2);
  CHECK(b.steps() == "+1");
  b.rules.on_started(1);
  CHECK(b.steps() == "+2");
}

TEST_CASE("a restart that fails counts as a failure and is tried again") {
  bench b{restart_strategy::rest_for_one, 3};
  b.add(3);
  b.rules.start_all();
  b.steps();
  b.fails = {3};
  b.fail(2);
  CHECK(b.steps() == "-3 +2 +3 +3 +3 -2 -1 gave_up");
}

// -- intensity ----------------------------------------------------------------

TEST_CASE("more restarts within the period than allowed end the supervisor, "
          "spread ones do not") {
  struct row {
    std::chrono::milliseconds apart;
    std::size_t failures;
    bool gives_up;
  };
  const row rows[] = {
    {0ms, 3, false},   {0ms, 4, true},    {1000ms, 4, true},
    {1700ms, 4, false}, {1700ms, 20, false}, {5001ms, 20, false},
  };
  for (const row& one : rows) {
    CAPTURE(one.apart.count());
    bench b{restart_strategy::one_for_one, 3};
    b.add(2);
    b.rules.start_all();
    for (std::size_t i = 0; i < one.failures; ++i) {
      b.fail(static_cast<child_key>(1 + i % 2));
      b.now += one.apart;
    }
    CHECK(b.rules.is_ending() == one.gives_up);
  }
}

TEST_CASE("no restart at all is an intensity too") {
  bench b{restart_strategy::one_for_one, 0};
  b.add(2);
  b.rules.start_all();
  b.steps();
  b.fail(1);
  CHECK(b.steps() == "-2 gave_up");
}

// -- requests -----------------------------------------------------------------

TEST_CASE("a child that was stopped on request stays stopped until asked for") {
  bench b{restart_strategy::one_for_one};
  b.add(2);
  b.rules.start_all();
  b.steps();
  CHECK(b.rules.stop(1));
  CHECK(b.steps() == "-1");
  CHECK(!b.rules.is_wanted(1));
  CHECK(b.rules.start(1, false));
  CHECK(b.steps() == "+1");
  CHECK(!b.rules.start(1, false));
}

TEST_CASE("a new child whose start fails is forgotten, an old one stays") {
  bench b{restart_strategy::one_for_one};
  b.add(1);
  b.rules.start_all();
  b.steps();
  const child_key fresh = b.rules.add(restart_policy::permanent);
  b.fails = {1, fresh};
  b.rules.start(fresh, true);
  CHECK(b.steps() == "+2 x2");
  b.rules.stop(1);
  b.rules.start(1, false);
  CHECK(b.steps() == "-1 +1");
  CHECK(b.rules.state(1) == child_state::stopped);
  CHECK(!b.rules.is_ending());
}

TEST_CASE("only a stopped child can be deleted") {
  bench b{restart_strategy::one_for_one};
  b.add(1);
  b.rules.start_all();
  CHECK(!b.rules.remove(1));
  b.rules.stop(1);
  CHECK(b.rules.remove(1));
  CHECK(!b.rules.stop(1));
}

TEST_CASE("stopping on request a child that just failed cancels its restart") {
  bench b{restart_strategy::one_for_one};
  b.add(2);
  b.rules.start_all();
  b.steps();
  b.slow = {1};
  b.fail(1);
  b.fail(2);
  b.rules.stop(2);
  b.rules.on_started(1);
  CHECK(b.steps() == "+1");
  CHECK(b.rules.state(2) == child_state::stopped);
}

TEST_CASE("stopping a temporary child on request forgets it") {
  bench b{restart_strategy::one_for_one};
  b.add(1, restart_policy::temporary);
  b.rules.start_all();
  b.steps();
  b.rules.stop(1);
  CHECK(b.steps() == "-1 x1");
}

TEST_CASE("an ending supervisor takes no requests") {
  bench b{restart_strategy::one_for_one};
  b.add(1);
  b.rules.start_all();
  b.rules.stop_all();
  CHECK(!b.rules.start(1, false));
  CHECK(!b.rules.stop(1));
}

} // namespace supervision_rules_test
