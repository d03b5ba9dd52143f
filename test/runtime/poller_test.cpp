#include "actors/runtime/poller.hpp"

#include <doctest/doctest.h>

#include <functional>
#include <memory>
#include <stdexcept>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include <sys/socket.h>
#include <unistd.h>

namespace poller_test {

using namespace std::chrono_literals;
using hetzel::runtime::io_handler;
using hetzel::runtime::poller;
using hetzel::runtime::readiness;

namespace {

class noting_handler final : public io_handler {
public:
  void on_ready(readiness what) override {
    ++calls;
    last = what;
    if (on_call)
      on_call();
  }

  int calls = 0;
  readiness last;
  std::function<void()> on_call;
};

struct socket_pair {
  socket_pair() {
    REQUIRE(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, ends) == 0);
  }
  ~socket_pair() {
    close_theirs();
    ::close(ends[0]);
  }

  [[nodiscard]] int ours() const { return ends[0]; }
  void send(const std::string& text) {
    REQUIRE(::write(ends[1], text.data(), text.size())
            == static_cast<ssize_t>(text.size()));
  }
  /// How much the peer takes until it must be waited for.
  void fill() {
    const std::string much(64 * 1024, 'x');
    while (::write(ends[0], much.data(), much.size()) > 0)
      ;
  }
  void drain_theirs() {
    std::string much(64 * 1024, 'x');
    while (::read(ends[1], much.data(), much.size()) > 0)
      ;
  }
  void close_theirs() {
    if (ends[1] >= 0)
      ::close(std::exchange(ends[1], -1));
  }

  int ends[2] = {-1, -1};
};

void look(poller& at) {
  at.wait(0ns);
  at.handle();
}

} // namespace

TEST_CASE("a descriptor is heard when something arrives, also if it was there "
          "before") {
  poller here;
  socket_pair early, late;
  noting_handler of_early, of_late;
  early.send("x");
  REQUIRE(here.add(early.ours(), of_early));
  REQUIRE(here.add(late.ours(), of_late));
  look(here);
  CHECK(of_early.calls == 1);
  CHECK(of_early.last.readable);
  CHECK(!of_early.last.is_ending);
  CHECK(of_late.calls == 0);
  late.send("x");
  look(here);
  CHECK(of_late.calls == 1);
}

TEST_CASE("what was heard once is heard again when more arrives, or on demand, "
          "and not otherwise") {
  poller here;
  socket_pair pair;
  noting_handler handler;
  REQUIRE(here.add(pair.ours(), handler));
  pair.send("x");
  look(here);
  look(here);
  CHECK(handler.calls == 1);
  pair.send("y");
  look(here);
  CHECK(handler.calls == 2);
  here.rearm(pair.ours(), handler, false);
  look(here);
  CHECK(handler.calls == 3);
}

TEST_CASE("level-triggered, it is heard as long as it is readable") {
  poller here;
  socket_pair pair;
  noting_handler handler;
  REQUIRE(here.add_level(pair.ours(), handler));
  pair.send("x");
  look(here);
  look(here);
  CHECK(handler.calls == 2);
}

TEST_CASE("room to write is heard only by who asked for it") {
  poller here;
  socket_pair pair;
  noting_handler handler;
  REQUIRE(here.add(pair.ours(), handler));
  look(here);
  CHECK(handler.calls == 0);
  pair.fill();
  here.rearm(pair.ours(), handler, true);
  look(here);
  CHECK(handler.calls == 0);
  pair.drain_theirs();
  look(here);
  CHECK(handler.calls == 1);
  CHECK(handler.last.writable);
}

TEST_CASE("the end of the peer is told as such, and as something to read and "
          "write") {
  poller here;
  socket_pair pair;
  noting_handler handler;
  REQUIRE(here.add(pair.ours(), handler));
  pair.close_theirs();
  look(here);
  CHECK(handler.calls == 1);
  CHECK(handler.last.is_ending);
  CHECK(handler.last.readable);
  CHECK(handler.last.writable);
}

TEST_CASE("who was removed hears nothing, even if it was found ready in the "
          "same wait") {
  poller here;
  std::vector<socket_pair> pairs(3);
  std::vector<noting_handler> handlers(3);
  for (std::size_t i = 0; i < 3; ++i) {
    REQUIRE(here.add(pairs[i].ours(), handlers[i]));
    pairs[i].send("x");
    handlers[i].on_call = [&, i] {
      for (std::size_t other = 0; other < 3; ++other)
        if (other != i)
          here.remove(pairs[other].ours(), handlers[other]);
    };
  }
  look(here);
  look(here);
  CHECK(handlers[0].calls + handlers[1].calls + handlers[2].calls == 1);
}

TEST_CASE("an exception of one handler takes nothing from the others") {
  poller here;
  socket_pair bad, good;
  noting_handler throwing, noting;
  throwing.on_call = [] { throw std::runtime_error{"handler"}; };
  REQUIRE(here.add(bad.ours(), throwing));
  REQUIRE(here.add(good.ours(), noting));
  bad.send("x");
  good.send("x");
  here.wait(0ns);
  CHECK_THROWS_AS(here.handle(), std::runtime_error);
  here.wait(std::nullopt); // returns at once: there is something to handle
  here.handle();
  CHECK(throwing.calls == 1);
  CHECK(noting.calls == 1);
}

TEST_CASE("a wait ends at its time, and not before") {
  poller here;
  const auto begin = std::chrono::steady_clock::now();
  here.wait(3'100'000ns);
  CHECK(std::chrono::steady_clock::now() - begin >= 3'100us);
}

TEST_CASE("an interrupt ends the wait of another thread, or the next one") {
  poller here;
  here.interrupt();
  here.wait(std::nullopt);
  here.handle();
  std::thread waiter{[&] { here.wait(std::nullopt); }};
  here.interrupt();
  waiter.join();
}

TEST_CASE("a poller can watch another") {
  poller outer, inner;
  socket_pair pair;
  noting_handler of_pair, of_inner;
  REQUIRE(inner.add(pair.ours(), of_pair));
  REQUIRE(outer.add_level(inner.descriptor(), of_inner));
  look(outer);
  CHECK(of_inner.calls == 0);
  pair.send("x");
  look(outer);
  CHECK(of_inner.calls == 1);
  look(inner);
  CHECK(of_pair.calls == 1);
  look(outer);
  CHECK(of_inner.calls == 1);
}

TEST_CASE("a descriptor that cannot be watched is refused") {
  poller here;
  noting_handler handler;
  CHECK(!here.add(-1, handler));
  CHECK(errno == EBADF);
}

} // namespace poller_test
