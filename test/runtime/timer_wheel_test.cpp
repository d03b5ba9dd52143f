#include "actors/runtime/timer_wheel.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <memory>
#include <random>
#include <stdexcept>
#include <vector>

namespace timer_wheel_test {

using namespace std::chrono_literals;
using hetzel::mqtt::time_point;
using hetzel::runtime::timer;
using hetzel::runtime::timer_wheel;

namespace {

const time_point start{std::chrono::hours{7}};

/// Records when it fired; can schedule itself again from its handler.
struct probe final : timer {
  void on_timeout(time_point now) override {
    ++fired;
    last = now;
    if (wheel && again != time_point{})
      wheel->schedule(*this, again);
  }

  int fired = 0;
  time_point last;
  timer_wheel* wheel = nullptr;
  time_point again;
};

/// The oracle: one entry per timer, searched from end to end.
struct entry {
  probe item;
  std::uint64_t due = 0; // tick, rounded up
  bool is_armed = false;
};

std::uint64_t tick_of(time_point when) {
  const auto ahead = when - start;
  const auto unit = std::chrono::nanoseconds{timer_wheel::resolution};
  return static_cast<std::uint64_t>((ahead + unit - 1ns) / unit);
}

/// Distances from milliseconds to years, all orders of magnitude alike.
std::chrono::milliseconds any_distance(std::mt19937_64& random) {
  const auto bits = random() % 38;
  return std::chrono::milliseconds{random() % (std::uint64_t{1} << bits)};
}

void arm(timer_wheel& wheel, entry& one, time_point when) {
  wheel.schedule(one.item, when);
  one.due = tick_of(when);
  one.is_armed = true;
}

void check_against_oracle(std::vector<std::unique_ptr<entry>>& all,
                          time_point now) {
  const auto tick = static_cast<std::uint64_t>((now - start)
                                               / timer_wheel::resolution);
  for (auto& one : all) {
    const bool is_due = one->is_armed && one->due <= tick;
    REQUIRE(one->item.fired == (is_due ? 1 : 0));
    REQUIRE(one->item.is_scheduled() == (one->is_armed && !is_due));
    if (is_due) {
      one->item.fired = 0;
      one->is_armed = false;
    }
  }
}

void check_next(const timer_wheel& wheel,
                const std::vector<std::unique_ptr<entry>>& all) {
  const auto next = wheel.next();
  bool any = false;
  for (auto& one : all) {
    if (!one->is_armed)
      continue;
    any = true;
    REQUIRE(next.has_value());
    REQUIRE(*next <= start + one->due * timer_wheel::resolution);
  }
  REQUIRE(next.has_value() == any);
}

void run_random_history(std::uint64_t seed) {
  std::mt19937_64 random{seed};
  timer_wheel wheel{start};
  std::vector<std::unique_ptr<entry>> all;
  for (int i = 0; i < 50; ++i)
    all.push_back(std::make_unique<entry>());
  time_point now = start;
  for (int step = 0; step < 2000; ++step) {
    entry& one = *all[random() % all.size()];
    switch (random() % 4) {
      case 0:
      case 1:
        arm(wheel, one, now + any_distance(random));
        break;
      case 2:
        one.item.cancel();
        one.is_armed = false;
        break;
      case 3:
        now += any_distance(random);
        wheel.advance(now);
        check_against_oracle(all, now);
        break;
    }
    check_next(wheel, all);
  }
}

} // namespace

TEST_CASE("a timer fires at its time or within one tick after, never before") {
  timer_wheel wheel{start};
  probe item;
  wheel.schedule(item, start + 100ms);
  wheel.advance(start + 99ms);
  CHECK(item.fired == 0);
  wheel.advance(start + 100ms + timer_wheel::resolution);
  CHECK(item.fired == 1);
  CHECK(!item.is_scheduled());
  wheel.advance(start + 1h);
  CHECK(item.fired == 1);
}

TEST_CASE("scheduling again moves a timer") {
  timer_wheel wheel{start};
  probe item;
  wheel.schedule(item, start + 1s);
  wheel.schedule(item, start + 2s);
  wheel.advance(start + 1500ms);
  CHECK(item.fired == 0);
  wheel.advance(start + 3s);
  CHECK(item.fired == 1);
}

TEST_CASE("a cancelled or destroyed timer does not fire") {
  timer_wheel wheel{start};
  probe cancelled;
  wheel.schedule(cancelled, start + 1s);
  cancelled.cancel();
  {
    probe destroyed;
    wheel.schedule(destroyed, start + 1s);
  }
  wheel.advance(start + 1min);
  CHECK(cancelled.fired == 0);
  CHECK(!wheel.next());
}

TEST_CASE("a time that is past fires at the next advance") {
  timer_wheel wheel{start};
  wheel.advance(start + 1h);
  probe item;
  wheel.schedule(item, start + 1s);
  CHECK(wheel.next().value() <= start + 1h);
  wheel.advance(start + 1h);
  CHECK(item.fired == 1);
}

TEST_CASE("a timer that always schedules itself for now fires once per "
          "advance") {
  timer_wheel wheel{start};
  probe item;
  item.wheel = &wheel;
  item.again = start;
  wheel.schedule(item, start);
  probe others[3];
  for (int i = 0; i < 3; ++i)
    wheel.schedule(others[i], start + i * 1min);
  wheel.advance(start + 1h);
  CHECK(item.fired == 1);
  wheel.advance(start + 1h);
  CHECK(item.fired == 2);
  CHECK(others[2].fired == 1);
}

TEST_CASE("timers fire in the order of their ticks, however far one advance "
          "goes") {
  struct recorder final : timer {
    recorder(std::vector<int>& into, int own) : order(into), id(own) {}
    void on_timeout(time_point) override { order.push_back(id); }
    std::vector<int>& order;
    int id;
  };
  timer_wheel wheel{start};
  std::vector<int> order;
  recorder late{order, 3}, early{order, 1}, middle{order, 2};
  wheel.schedule(late, start + 5h);
  wheel.schedule(early, start + 20ms);
  wheel.schedule(middle, start + 70s);
  wheel.advance(start + 24h);
  CHECK(order == std::vector{1, 2, 3});
}

TEST_CASE("a timer years ahead, and one at the end of time, wait") {
  timer_wheel wheel{start};
  probe years, never;
  wheel.schedule(years, start + std::chrono::years{3});
  wheel.schedule(never, time_point::max());
  wheel.advance(start + std::chrono::years{2});
  CHECK(years.fired == 0);
  wheel.advance(start + std::chrono::years{4});
  CHECK(years.fired == 1);
  CHECK(never.is_scheduled());
}

TEST_CASE("next names no time that is later than the earliest timer, and none "
          "for a wheel whose timers were cancelled") {
  timer_wheel wheel{start};
  CHECK(!wheel.next());
  probe item;
  wheel.schedule(item, start + 90s);
  REQUIRE(wheel.next());
  CHECK(*wheel.next() <= start + 90s + timer_wheel::resolution);
  CHECK(*wheel.next() > start);
  item.cancel();
  CHECK(!wheel.next());
}

TEST_CASE("the keep alive of 100,000 idle clients wakes nobody before it is "
          "due, but for a few looks at the wheel") {
  constexpr std::size_t count = 100'000;
  timer_wheel wheel{start};
  std::vector<probe> clients(count);
  for (std::size_t i = 0; i < count; ++i)
    wheel.schedule(clients[i],
                   start + 90s + std::chrono::milliseconds{i % 400});
  int looks = 0;
  for (; wheel.next().value() < start + 90s; ++looks)
    wheel.advance(*wheel.next());
  CHECK(looks <= 5);
  // Then once for each tick that has some, all at once.
  for (looks = 0; wheel.next(); ++looks)
    wheel.advance(*wheel.next());
  CHECK(looks <= 400 / 16 + 2);
  for (const auto& client : clients)
    REQUIRE(client.fired == 1);
}

TEST_CASE("a handler may destroy itself and timers due in the same tick") {
  struct suicidal final : timer {
    void on_timeout(time_point) override {
      victim->reset();
      self->reset();
    }
    std::unique_ptr<suicidal>* self = nullptr;
    std::unique_ptr<probe>* victim = nullptr;
  };
  timer_wheel wheel{start};
  auto one = std::make_unique<suicidal>();
  auto two = std::make_unique<probe>();
  one->self = &one;
  one->victim = &two;
  wheel.schedule(*one, start + 1s);
  wheel.schedule(*two, start + 1s);
  wheel.advance(start + 2s);
  CHECK(one == nullptr);
  CHECK(!wheel.next());
}

TEST_CASE("a handler that throws costs no other timer its call") {
  struct thrower final : timer {
    void on_timeout(time_point) override { throw std::runtime_error{"no"}; }
  };
  timer_wheel wheel{start};
  thrower bad;
  probe good, later;
  wheel.schedule(bad, start + 1s);
  wheel.schedule(good, start + 1s);
  wheel.schedule(later, start + 1min);
  CHECK_THROWS(wheel.advance(start + 1h));
  CHECK(wheel.next().value() <= start + 1h);
  wheel.advance(start + 1h);
  CHECK(good.fired == 1);
  CHECK(later.fired == 1);
}

TEST_CASE("any history of scheduling, cancelling and advancing agrees with a "
          "plain list of timers") {
  for (std::uint64_t seed = 1; seed <= 40; ++seed) {
    CAPTURE(seed);
    run_random_history(seed);
  }
}

} // namespace timer_wheel_test
