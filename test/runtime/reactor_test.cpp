#include "actors/runtime/reactor.hpp"

#include "actors/runtime/pinned.hpp"
#include "actors/runtime/poller.hpp"
#include "actors/runtime/reactor_pool.hpp"
#include "test/support/event_log.hpp"
#include "test/support/runtime_fixture.hpp"

#include <doctest/doctest.h>

#include <caf/actor_system.hpp>
#include <caf/resumable.hpp>

#include <pthread.h>
#include <sys/socket.h>
#include <unistd.h>

#include <atomic>
#include <future>
#include <memory>
#include <stdexcept>
#include <string>
#include <thread>

namespace reactor_test {

using namespace std::chrono_literals;
using namespace hetzel::runtime;
using hetzel::test::event_log;
using hetzel::test::runtime_fixture;

namespace {

/// Runs `job` on the reactor and waits until it is through.
void run_on(reactor& where, const std::function<void()>& job) {
  std::promise<void> done;
  where.post([&] {
    job();
    done.set_value();
  });
  done.get_future().wait();
}

/// A resumable that counts its references and its turns.
class turn final : public caf::resumable {
public:
  explicit turn(std::function<resume_result()> body) : body_(std::move(body)) {}

  resume_result resume(caf::execution_unit*, std::size_t) override {
    ++turns;
    return body_();
  }

  void intrusive_ptr_add_ref_impl() override { ++references; }
  void intrusive_ptr_release_impl() override { --references; }

  std::atomic<int> references = 0;
  std::atomic<int> turns = 0;

private:
  std::function<resume_result()> body_;
};

void exec(reactor& where, turn& what) {
  what.intrusive_ptr_add_ref_impl();
  where.exec_later(&what);
}

struct probe_timer final : timer {
  void on_timeout(time_point) override { fired.set_value(); }
  std::promise<void> fired;
};

/// A pair of connected sockets, one of which a reactor may watch.
struct watched_socket final : io_handler {
  watched_socket() {
    REQUIRE(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, ends) == 0);
  }
  ~watched_socket() {
    ::close(ends[0]);
    ::close(ends[1]);
  }

  void watch(reactor& where) { REQUIRE(where.io().add(ends[0], *this)); }
  void unwatch(reactor& where) { where.io().remove(ends[0], *this); }
  void send(char letter) { REQUIRE(::write(ends[1], &letter, 1) == 1); }

  void on_ready(readiness) override {
    char letter = 0;
    while (::read(ends[0], &letter, 1) == 1)
      received += letter;
    if (on_received)
      on_received();
  }

  int ends[2] = {-1, -1};
  std::string received;
  std::function<void()> on_received;
};

struct noting_flush final : flushable {
  void flush() override {
    ++flushes;
    if (on_flush)
      on_flush();
  }
  int flushes = 0;
  std::function<void()> on_flush;
};

} // namespace

TEST_CASE("posted jobs run on the reactor's thread, in order, which bears its "
          "name") {
  runtime_fixture here{2};
  event_log events;
  std::string thread_name;
  here.pool[1].post([&] {
    char text[16] = {};
    pthread_getname_np(pthread_self(), text, sizeof text);
    thread_name = text;
    events.add(reactor::current() == &here.pool[1] ? "home" : "elsewhere");
  });
  here.pool[1].post([&] { events.add("second"); });
  REQUIRE(events.wait_for("second"));
  CHECK(events.text() == "home second");
  CHECK(thread_name == "hetzel-r1");
  CHECK(reactor::current() == nullptr);
}

TEST_CASE("a resumable that is not through gets more turns, and one that is "
          "through is released") {
  runtime_fixture here;
  std::promise<void> last;
  int left = 5;
  turn several{[&] {
    if (--left > 0)
      return caf::resumable::resume_later;
    last.set_value();
    return caf::resumable::done;
  }};
  exec(here.pool[0], several);
  last.get_future().wait();
  run_on(here.pool[0], [] {});
  CHECK(several.turns == 5);
  CHECK(several.references == 0);
}

TEST_CASE("many threads can make actors of one reactor ready at once") {
  runtime_fixture here;
  constexpr int threads = 4;
  constexpr int each = 5'000;
  std::atomic<int> left = threads * each;
  std::promise<void> all;
  turn count{[&] {
    if (--left == 0)
      all.set_value();
    return caf::resumable::awaiting_message;
  }};
  std::vector<std::thread> senders;
  for (int i = 0; i < threads; ++i)
    senders.emplace_back([&] {
      for (int k = 0; k < each; ++k)
        exec(here.pool[0], count);
    });
  for (auto& sender : senders)
    sender.join();
  all.get_future().wait();
  run_on(here.pool[0], [] {});
  CHECK(count.references == 0);
  CHECK(here.pool[0].counters().actors_resumed == threads * each);
}

TEST_CASE("what actors make ready on their own reactor runs in the same tick") {
  runtime_fixture here;
  reactor& home = here.pool[0];
  std::promise<std::uint64_t> last_tick;
  std::uint64_t first_tick = 0;
  turn third{[&] {
    last_tick.set_value(home.counters().ticks);
    return caf::resumable::done;
  }};
  turn second{[&] {
    exec(home, third);
    return caf::resumable::done;
  }};
  turn first{[&] {
    first_tick = home.counters().ticks;
    exec(home, second);
    return caf::resumable::done;
  }};
  exec(home, first);
  CHECK(last_tick.get_future().get() == first_tick);
  run_on(home, [] {});
}

TEST_CASE("no peer waits when several sockets become readable at once") {
  runtime_fixture here;
  reactor& home = here.pool[0];
  std::vector<watched_socket> sockets(20);
  event_log events;
  run_on(home, [&] {
    for (auto& socket : sockets) {
      socket.on_received = [&] { events.add("read"); };
      socket.watch(home);
    }
  });
  run_on(home, [&] {
    for (auto& socket : sockets)
      socket.send('x');
  });
  CHECK(events.wait_for("read", 20));
  run_on(home, [&] {
    for (auto& socket : sockets)
      socket.unwatch(home);
  });
}

TEST_CASE("actors that are always ready keep neither I/O nor timers nor jobs "
          "from their turn") {
  runtime_fixture here;
  reactor& home = here.pool[0];
  std::atomic<bool> is_enough = false;
  turn greedy{[&] {
    return is_enough ? caf::resumable::done : caf::resumable::resume_later;
  }};
  exec(home, greedy);
  std::promise<void> io;
  watched_socket socket;
  socket.on_received = [&] { io.set_value(); };
  probe_timer timeout;
  run_on(home, [&] {
    socket.watch(home);
    socket.send('x');
    home.timers().schedule(timeout, home.now() + 1ms);
  });
  io.get_future().wait();
  timeout.fired.get_future().wait();
  is_enough = true;
  run_on(home, [&] { socket.unwatch(home); });
}

TEST_CASE("I/O that is always ready keeps no actor from its turn") {
  runtime_fixture here;
  reactor& home = here.pool[0];
  watched_socket socket;
  socket.on_received = [&] { socket.send('x'); };
  run_on(home, [&] {
    socket.watch(home);
    socket.send('x');
  });
  std::promise<void> resumed;
  turn actor{[&] {
    resumed.set_value();
    return caf::resumable::done;
  }};
  exec(home, actor);
  resumed.get_future().wait();
  run_on(home, [&] { socket.unwatch(home); });
}

TEST_CASE("an idle reactor waits for its timer and no longer") {
  runtime_fixture here;
  reactor& home = here.pool[0];
  probe_timer timeout;
  time_point due;
  run_on(home, [&] {
    due = home.now() + 30ms;
    home.timers().schedule(timeout, due);
  });
  timeout.fired.get_future().wait();
  CHECK(std::chrono::steady_clock::now() >= due);
}

TEST_CASE("a reactor without timers and sockets does not wake by itself") {
  runtime_fixture here;
  run_on(here.pool[0], [] {});
  // Some tick begins its wait at last, and then none follows.
  const auto settled = [&] {
    const auto before = here.pool[0].counters();
    std::this_thread::sleep_for(50ms); // the time in which nothing may happen
    return here.pool[0].counters().ticks == before.ticks;
  };
  CHECK((settled() || settled()));
}

TEST_CASE("a burst from another thread wakes the reactor once") {
  runtime_fixture here;
  reactor& home = here.pool[0];
  std::promise<void> is_busy;
  std::promise<void> go_on;
  home.post([&] {
    is_busy.set_value();
    go_on.get_future().wait();
  });
  is_busy.get_future().wait();
  const auto before = home.counters().wakeups_sent;
  for (int i = 0; i < 100; ++i)
    home.post([] {});
  CHECK(home.counters().wakeups_sent == before);
  go_on.set_value();
  run_on(home, [] {});
}

TEST_CASE("flushes come after the actors of the tick, once however often they "
          "were asked for") {
  runtime_fixture here;
  reactor& home = here.pool[0];
  event_log events;
  noting_flush item;
  item.on_flush = [&] { events.add("flush"); };
  turn first{[&] {
    home.flush_later(item);
    events.add("first");
    return caf::resumable::done;
  }};
  turn second{[&] {
    home.flush_later(item);
    events.add("second");
    return caf::resumable::done;
  }};
  run_on(home, [&] {
    exec(home, first);
    exec(home, second);
  });
  REQUIRE(events.wait_for("flush"));
  CHECK(events.text() == "first second flush");
  run_on(home, [] {});
  CHECK(item.flushes == 1);
}

TEST_CASE("a flush may ask for the next one, and a destroyed item is not "
          "flushed") {
  runtime_fixture here;
  reactor& home = here.pool[0];
  std::promise<void> twice;
  noting_flush item;
  item.on_flush = [&] {
    if (item.flushes == 1)
      home.flush_later(item);
    else
      twice.set_value();
  };
  run_on(home, [&] {
    home.flush_later(item);
    noting_flush gone;
    home.flush_later(gone);
  });
  twice.get_future().wait();
}

TEST_CASE("exceptions out of jobs, timers, flushes and I/O handlers are "
          "counted and end nothing") {
  struct throwing_timer final : timer {
    void on_timeout(time_point) override { throw std::runtime_error{"timer"}; }
  };
  runtime_fixture here;
  reactor& home = here.pool[0];
  throwing_timer bad_timer;
  probe_timer good_timer;
  noting_flush bad_flush, good_flush;
  bad_flush.on_flush = [] { throw std::runtime_error{"flush"}; };
  std::promise<void> flushed;
  good_flush.on_flush = [&] { flushed.set_value(); };
  home.post([] { throw 42; });
  watched_socket bad_socket;
  bad_socket.on_received = [] { throw std::runtime_error{"io"}; };
  run_on(home, [&] {
    bad_socket.watch(home);
    bad_socket.send('x');
    home.timers().schedule(bad_timer, home.now());
    home.timers().schedule(good_timer, home.now());
    home.flush_later(bad_flush);
    home.flush_later(good_flush);
  });
  good_timer.fired.get_future().wait();
  flushed.get_future().wait();
  run_on(home, [&] { bad_socket.unwatch(home); });
  CHECK(home.counters().failures == 4);
}

TEST_CASE("what lives on a reactor by itself ends with it, or before") {
  struct counted final : resident {
    explicit counted(int& alive) : alive_(alive) { ++alive_; }
    ~counted() override { --alive_; }
    int& alive_;
  };
  int alive = 0;
  {
    runtime_fixture here;
    reactor& home = here.pool[0];
    run_on(home, [&] {
      home.keep(std::make_unique<counted>(alive));
      auto brief = std::make_unique<counted>(alive);
      auto* const itself = brief.get();
      home.keep(std::move(brief));
      delete itself;
    });
    CHECK(alive == 1);
  }
  CHECK(alive == 0);
}

// -- the end ------------------------------------------------------------------

TEST_CASE("what is ready when a reactor stops is released unresumed, and so is "
          "what comes later") {
  runtime_fixture here;
  reactor& home = here.pool[0];
  std::promise<void> is_busy;
  std::promise<void> go_on;
  home.post([&] {
    is_busy.set_value();
    go_on.get_future().wait();
  });
  is_busy.get_future().wait();
  turn late{[] { return caf::resumable::resume_later; }};
  std::thread stopper{[&] { home.stop(); }};
  exec(home, late);
  go_on.set_value();
  stopper.join();
  CHECK(late.references == 0);
  const int turns = late.turns;
  exec(home, late);
  CHECK(late.references == 0);
  CHECK(late.turns == turns);
  home.post([&] { late.turns += 1000; });
  home.stop();
  CHECK(late.turns == turns);
}

TEST_CASE("a pool can stop at any moment of its start") {
  caf::actor_system_config config;
  caf::actor_system system{config};
  for (int i = 0; i < 2'000; ++i) {
    reactor brief{system, 0, {}};
    brief.start();
    for (int k = 0; k < i % 50; ++k)
      std::this_thread::yield();
    brief.stop();
  }
}

TEST_CASE("a reactor that never started releases what it was given") {
  caf::actor_system_config config;
  caf::actor_system system{config};
  turn early{[] { return caf::resumable::done; }};
  {
    reactor idle{system, 0, {}};
    exec(idle, early);
    CHECK(early.references == 1);
  }
  CHECK(early.references == 0);
  CHECK(early.turns == 0);
}

TEST_CASE("a pool of size zero has one reactor for each core") {
  runtime_fixture here{0};
  CHECK(here.pool.size() == std::max(1U, std::thread::hardware_concurrency()));
  for (std::size_t i = 0; i < here.pool.size(); ++i)
    CHECK(here.pool[i].index() == i);
}

} // namespace reactor_test
