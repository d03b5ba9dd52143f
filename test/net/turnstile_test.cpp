#include "actors/net/turnstile.hpp"

#include "test/support/net_fixture.hpp"

#include <doctest/doctest.h>

#include <chrono>
#include <functional>
#include <future>
#include <memory>
#include <string>
#include <vector>

namespace turnstile_test {

using namespace hetzel;
using hetzel::test::net_fixture;

namespace {

/// Works for a while when it is its turn.
struct worker final : net::turn_taker {
  explicit worker(std::function<void()> does) : work(std::move(does)) {}
  void on_turn() override { work(); }

  std::function<void()> work;
};

void spend(std::chrono::microseconds time) {
  const auto end = std::chrono::steady_clock::now() + time;
  while (std::chrono::steady_clock::now() < end)
    ;
}

struct gateway : net_fixture {
  ~gateway() {
    run([this] {
      workers.clear();
      turns.reset();
    });
  }

  void add(std::function<void()> work) {
    workers.push_back(std::make_unique<worker>(std::move(work)));
    turns->enter(*workers.back());
  }

  std::unique_ptr<net::turnstile> turns
    = std::make_unique<net::turnstile>(home());
  std::vector<std::unique_ptr<worker>> workers;
};

} // namespace

TEST_CASE("turns are taken in the order of coming, and once") {
  gateway g;
  std::string order;
  g.run([&] {
    for (const char* name : {"a", "b", "c"})
      g.add([&order, name] { order += name; });
    g.turns->enter(*g.workers[0]);
  });
  REQUIRE(g.eventually([&] { return order.size() == 3; }));
  g.run([] {});
  CHECK(order == "abc");
  CHECK(g.turns->is_empty());
}

TEST_CASE("work that takes long is spread over ticks, in which others have "
          "their turn") {
  gateway g;
  int done = 0;
  g.run([&] {
    for (int i = 0; i < 20; ++i)
      g.add([&] {
        spend(std::chrono::microseconds{700});
        ++done;
      });
  });
  // Posts itself for the next tick: from another thread it could miss some.
  int least = 20;
  int ticks = 0;
  int before = 0;
  std::promise<void> over;
  const std::function<void()> look = [&] {
    least = std::min(least, 20 - (done - before));
    before = done;
    ++ticks;
    if (done < 20)
      g.home().post(look);
    else
      over.set_value();
  };
  g.home().post(look);
  over.get_future().get();
  CHECK(ticks >= 8);
  // One tick did two of them at most: the first 0.7 ms, and one more.
  CHECK(least >= 17);
}

TEST_CASE("who leaves the queue, or is destroyed by another's turn, has "
          "none") {
  gateway g;
  std::string order;
  g.run([&] {
    g.add([&] {
      order += "a";
      g.workers[1].reset();
    });
    g.add([&] { order += "b"; });
    g.add([&] { order += "c"; });
  });
  REQUIRE(g.eventually([&] { return order.size() >= 2; }));
  CHECK(order == "ac");
}

TEST_CASE("a turn that throws costs nobody else's") {
  gateway g;
  bool is_done = false;
  g.run([&] {
    g.add([] { throw std::runtime_error{"test"}; });
    g.add([&] { is_done = true; });
  });
  CHECK(g.eventually([&] { return is_done; }));
}

} // namespace turnstile_test
