#include "actors/runtime/reactor.hpp"

#include "actors/runtime/pinned.hpp"
#include "actors/runtime/reactor_pool.hpp"
#include "test/support/event_log.hpp"
#include "test/support/runtime_fixture.hpp"

#include <doctest/doctest.h>

#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/write.hpp>

#include <caf/actor_system.hpp>
#include <caf/resumable.hpp>

#include <pthread.h>

#include <atomic>
#include <future>
#include <memory>
#include <stdexcept>
#include <string>
#include <thread>

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
  using boost::asio::ip::tcp;
  runtime_fixture here;
  reactor& home = here.pool[0];
  constexpr int count = 20;
  boost::asio::io_context mine;
  std::vector<std::unique_ptr<tcp::socket>> clients;
  std::vector<std::unique_ptr<tcp::socket>> peers;
  event_log events;
  char buffer[8];
  std::function<void(int)> read = [&](int i) {
    peers[static_cast<std::size_t>(i)]->async_read_some(
      boost::asio::buffer(buffer), [&, i](boost::system::error_code failure,
                                          std::size_t) {
        if (failure)
          return;
        events.add("read");
        read(i);
      });
  };
  run_on(home, [&] {
    const auto loopback = boost::asio::ip::address_v4::loopback();
    tcp::acceptor acceptor{home.io(), tcp::endpoint{loopback, 0}};
    for (int i = 0; i < count; ++i) {
      clients.push_back(std::make_unique<tcp::socket>(mine));
      clients.back()->connect(acceptor.local_endpoint());
      peers.push_back(std::make_unique<tcp::socket>(acceptor.accept()));
      read(i);
    }
  });
  // First one after the other, so that the reactor expects them to come alone.
  for (int i = 0; i < count; ++i) {
    boost::asio::write(*clients[0], boost::asio::buffer("x", 1));
    REQUIRE(events.wait_for("read", i + 1));
  }
  run_on(home, [&] {
    for (auto& client : clients)
      boost::asio::write(*client, boost::asio::buffer("x", 1));
  });
  CHECK(events.wait_for("read", 2 * count));
  run_on(home, [&] { peers.clear(); });
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
  probe_timer timeout;
  run_on(home, [&] {
    boost::asio::post(home.io(), [&] { io.set_value(); });
    home.timers().schedule(timeout, home.now() + 1ms);
  });
  io.get_future().wait();
  timeout.fired.get_future().wait();
  is_enough = true;
  run_on(home, [] {});
}

TEST_CASE("I/O that is always ready keeps no actor from its turn") {
  runtime_fixture here;
  reactor& home = here.pool[0];
  std::atomic<bool> is_enough = false;
  std::function<void()> again = [&] {
    if (!is_enough)
      boost::asio::post(home.io(), again);
  };
  run_on(home, [&] { again(); });
  std::promise<void> resumed;
  turn actor{[&] {
    resumed.set_value();
    return caf::resumable::done;
  }};
  exec(home, actor);
  resumed.get_future().wait();
  is_enough = true;
  run_on(home, [] {});
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
  run_on(home, [&] {
    boost::asio::post(home.io(), [] { throw std::runtime_error{"io"}; });
    home.timers().schedule(bad_timer, home.now());
    home.timers().schedule(good_timer, home.now());
    home.flush_later(bad_flush);
    home.flush_later(good_flush);
  });
  good_timer.fired.get_future().wait();
  flushed.get_future().wait();
  run_on(home, [] {});
  CHECK(home.counters().failures == 4);
}

TEST_CASE("sockets of a reactor work") {
  using boost::asio::ip::tcp;
  runtime_fixture here;
  reactor& home = here.pool[0];
  std::promise<std::string> received;
  std::unique_ptr<tcp::acceptor> acceptor;
  std::unique_ptr<tcp::socket> peer;
  char buffer[16];
  unsigned short port = 0;
  run_on(home, [&] {
    const auto loopback = boost::asio::ip::address_v4::loopback();
    acceptor = std::make_unique<tcp::acceptor>(home.io(),
                                               tcp::endpoint{loopback, 0});
    port = acceptor->local_endpoint().port();
    acceptor->async_accept([&](boost::system::error_code, tcp::socket socket) {
      peer = std::make_unique<tcp::socket>(std::move(socket));
      peer->async_read_some(boost::asio::buffer(buffer),
                            [&](boost::system::error_code, std::size_t size) {
                              received.set_value({buffer, size});
                            });
    });
  });
  boost::asio::io_context mine;
  tcp::socket client{mine};
  client.connect({boost::asio::ip::address_v4::loopback(), port});
  boost::asio::write(client, boost::asio::buffer("hello", 5));
  CHECK(received.get_future().get() == "hello");
  run_on(home, [&] {
    acceptor.reset();
    peer.reset();
  });
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
