// Reactors that share a thread: compaction.hpp, reactor_guests.cpp.

#include "actors/runtime/poller.hpp"
#include "actors/runtime/reactor_pool.hpp"
#include "test/support/event_log.hpp"
#include "test/support/runtime_fixture.hpp"

#include <doctest/doctest.h>

#include <atomic>
#include <future>
#include <string>
#include <thread>

#include <sys/socket.h>
#include <unistd.h>

namespace reactor_guests_test {

using namespace std::chrono_literals;
using namespace hetzel::runtime;

namespace {

/// Everything is lent at once, and nothing comes back for its load.
reactor_options generous() {
  reactor_options options;
  options.compaction = {.is_on = true,
                        .lend_below = 10,
                        .return_above = 10,
                        .window = 1us,
                        .quiet = 0ns,
                        .streak = 1h};
  return options;
}

/// Comes back as soon as the lead has anything to do.
reactor_options nervous() {
  auto options = generous();
  options.compaction.return_above = 0;
  return options;
}

struct lending_pool {
  explicit lending_pool(const reactor_options& options,
                        std::size_t reactors = 2)
    : system(config), pool(system, reactors, options) {
    pool.start();
  }
  ~lending_pool() { pool.stop(); }

  std::thread::id thread_of(std::size_t index) {
    std::promise<std::thread::id> answer;
    pool[index].post([&] {
      CHECK(reactor::current() == &pool[index]);
      answer.set_value(std::this_thread::get_id());
    });
    return answer.get_future().get();
  }

  /// Each question is a wake-up, after which the reactor looks at its load.
  void until_lent(std::size_t index) {
    while (thread_of(index) != thread_of(0))
      std::this_thread::yield();
  }

  caf::actor_system_config config;
  caf::actor_system system;
  reactor_pool pool;
};

struct reading_socket final : io_handler {
  reading_socket() {
    REQUIRE(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, ends) == 0);
  }
  ~reading_socket() {
    ::close(ends[0]);
    ::close(ends[1]);
  }
  void on_ready(readiness) override {
    char letter = 0;
    while (::read(ends[0], &letter, 1) == 1)
      ++received;
    received.notify_all();
  }
  void send() { REQUIRE(::write(ends[1], "x", 1) == 1); }
  void await(int count) {
    for (int seen = received; seen < count; seen = received)
      received.wait(seen);
  }

  int ends[2] = {-1, -1};
  std::atomic<int> received = 0;
};

struct probe_timer final : timer {
  void on_timeout(time_point) override {
    fired.set_value(std::this_thread::get_id());
  }
  std::promise<std::thread::id> fired;
};

} // namespace

TEST_CASE("in quiet times one thread runs all reactors, each as itself") {
  lending_pool here{generous(), 4};
  for (std::size_t i = 1; i < 4; ++i)
    here.until_lent(i);
  const auto lead = here.thread_of(0);
  for (std::size_t i = 0; i < 4; ++i)
    CHECK(here.thread_of(i) == lead);
  CHECK(here.pool[3].counters().lendings == 1);
  CHECK(here.pool[0].counters().lendings == 0);
}

TEST_CASE("without compaction every reactor keeps its thread") {
  reactor_options options = generous();
  options.compaction.is_on = false;
  lending_pool here{options};
  for (int i = 0; i < 20; ++i)
    CHECK(here.thread_of(1) != here.thread_of(0));
}

TEST_CASE("sockets and timers of a lent reactor are served, and its jobs wake "
          "the thread that runs it") {
  lending_pool here{generous()};
  here.until_lent(1);
  const auto lead = here.thread_of(0);
  reading_socket socket;
  probe_timer timeout;
  std::promise<void> ready;
  here.pool[1].post([&] {
    REQUIRE(here.pool[1].io().add(socket.ends[0], socket));
    here.pool[1].timers().schedule(timeout, here.pool[1].now() + 20ms);
    ready.set_value();
  });
  ready.get_future().wait();
  for (int i = 1; i <= 20; ++i) {
    socket.send();
    socket.await(i);
  }
  CHECK(timeout.fired.get_future().get() == lead);
  std::promise<void> removed;
  here.pool[1].post([&] {
    here.pool[1].io().remove(socket.ends[0], socket);
    removed.set_value();
  });
  removed.get_future().wait();
}

TEST_CASE("a reactor that goes to and fro loses and repeats nothing, and keeps "
          "the order") {
  lending_pool here{nervous()};
  reading_socket socket;
  std::promise<void> ready;
  here.pool[1].post([&] {
    REQUIRE(here.pool[1].io().add(socket.ends[0], socket));
    ready.set_value();
  });
  ready.get_future().wait();
  std::atomic<int> done = 0;
  bool is_ordered = true;
  int last = 0;
  for (int i = 1; i <= 2'000; ++i) {
    here.pool[1].post([&, i] {
      is_ordered &= last == i - 1;
      last = i;
      ++done;
      done.notify_all();
    });
    here.pool[0].post([] {});
    socket.send();
    if (i % 10 != 0)
      continue;
    socket.await(i);
    for (int seen = done; seen < i; seen = done)
      done.wait(seen);
  }
  CHECK(is_ordered);
  CHECK(socket.received == 2'000);
  CHECK(here.pool[1].counters().lendings > 1);
  std::promise<void> removed;
  here.pool[1].post([&] {
    here.pool[1].io().remove(socket.ends[0], socket);
    removed.set_value();
  });
  removed.get_future().wait();
}

TEST_CASE("reactors that lend can stop at any moment, in any order") {
  caf::actor_system_config config;
  caf::actor_system system{config};
  for (int i = 0; i < 500; ++i) {
    const auto options = i % 2 == 0 ? generous() : nervous();
    reactor lead{system, 0, options};
    reactor guest{system, 1, options};
    guest.may_be_lent_to(lead);
    lead.start();
    guest.start();
    for (int k = 0; k < i % 50; ++k) {
      guest.post([] {});
      std::this_thread::yield();
    }
    if (i % 3 == 0)
      guest.stop();
    lead.stop();
    guest.stop();
  }
}

} // namespace reactor_guests_test
