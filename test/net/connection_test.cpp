#include "actors/net/connection.hpp"

#include "protocol/decoder.hpp"
#include "test/support/net_fixture.hpp"

#include <doctest/doctest.h>

#include <malloc.h>

#include <memory>
#include <random>
#include <string>
#include <vector>

namespace connection_test {

using namespace hetzel;
using hetzel::net::connection;
using hetzel::test::letters;
using hetzel::test::make_stream_pair;
using hetzel::test::make_tcp_pair;
using hetzel::test::net_fixture;
using hetzel::test::plugged;

namespace {

/// A whole PUBLISH, as far as framing is concerned.
std::string packet_of(std::size_t body_size, char letter) {
  std::string result = "\x30";
  for (auto rest = body_size;;) {
    const auto digit = rest % 128;
    rest /= 128;
    result += static_cast<char>(digit + (rest > 0 ? 128 : 0));
    if (rest == 0)
      break;
  }
  return result + std::string(body_size, letter);
}

/// A hook that takes whole packets, as a session does.
auto taking_packets(plugged& plug) {
  return [&plug](mqtt::bytes_view& buffer) {
    for (;;) {
      const auto next = mqtt::next_frame(buffer, mqtt::remaining_length_max);
      REQUIRE(next);
      if (!*next)
        return;
      plug.input += buffer.substr(0, (*next)->size);
      buffer.remove_prefix((*next)->size);
    }
  };
}

} // namespace

// -- reading ------------------------------------------------------------------

TEST_CASE("bytes arrive as the peer sent them, and are counted") {
  net_fixture here;
  auto pair = make_tcp_pair();
  plugged plug{here, std::move(pair.ours)};
  plug.start();
  pair.theirs.send("hello");
  CHECK(plug.received(5) == "hello");
  pair.theirs.send(", world");
  CHECK(plug.received(12) == "hello, world");
  CHECK(here.counters.bytes_received.value() == 12);
}

TEST_CASE("a partial packet waits and comes again in front of the next bytes") {
  net_fixture here;
  auto pair = make_tcp_pair();
  plugged plug{here, std::move(pair.ours)};
  std::vector<std::string> seen;
  plug.input_hook = [&](mqtt::bytes_view& buffer) {
    seen.emplace_back(buffer);
    plug.events.add("bytes");
    if (buffer.size() >= 4)
      buffer.remove_prefix(4);
  };
  plug.start();
  pair.theirs.send("abc");
  REQUIRE(plug.events.wait_for("bytes", 1));
  pair.theirs.send("defg");
  REQUIRE(plug.events.wait_for("bytes", 2));
  pair.theirs.send("h");
  REQUIRE(plug.events.wait_for("bytes", 3));
  CHECK(seen == std::vector<std::string>{"abc", "abcdefg", "efgh"});
}

TEST_CASE("bytes that somebody read before come first") {
  net_fixture here;
  auto pair = make_tcp_pair();
  pair.theirs.send("def");
  plugged plug{here, std::move(pair.ours)};
  plug.start("abc");
  CHECK(plug.received(6) == "abcdef");
  // Only what this connection read itself.
  CHECK(here.counters.bytes_received.value() == 3);
}

TEST_CASE("packets of any size in any pieces arrive whole and in order") {
  for (std::uint32_t seed = 1; seed <= 8; ++seed) {
    CAPTURE(seed);
    std::mt19937 random{seed};
    net_fixture here;
    auto pair = make_tcp_pair();
    plugged plug{here, std::move(pair.ours)};
    plug.input_hook = taking_packets(plug);
    plug.start();
    std::string sent;
    for (int i = 0; i < 40; ++i) {
      // Around the sizes where a read buffer ends, and far beyond.
      const std::size_t sizes[] = {random() % 50, 16'380 + random() % 10,
                                   131'060 + random() % 20,
                                   random() % 600'000};
      sent += packet_of(sizes[random() % 4], static_cast<char>('A' + i % 26));
    }
    std::size_t position = 0;
    while (position < sent.size()) {
      const std::size_t pieces[] = {1 + random() % 9, 1 + random() % 20'000,
                                    1 + random() % 300'000};
      const auto piece = pieces[random() % 3];
      pair.theirs.send(std::string_view{sent}.substr(position, piece));
      position += piece;
    }
    CHECK((plug.received(sent.size()) == sent));
  }
}

TEST_CASE("a peer that sends without end does not hold up another") {
  net_fixture here;
  auto busy = make_stream_pair();
  auto quiet = make_stream_pair();
  // More than one read takes.
  const auto sent = letters(connection::read_size + 20'000);
  busy.theirs.send(sent);
  quiet.theirs.send("x");
  plugged first{here, std::move(busy.ours)};
  plugged second{here, std::move(quiet.ours)};
  test::event_log order;
  std::size_t total = 0;
  first.input_hook = [&](mqtt::bytes_view& buffer) {
    CHECK(buffer.size() <= connection::read_size);
    total += buffer.size();
    buffer = {};
    order.add(total == sent.size() ? "busy-rest" : "busy");
  };
  second.input_hook = [&](mqtt::bytes_view& buffer) {
    buffer = {};
    order.add("quiet");
  };
  here.run([&] {
    first.link->start({});
    second.link->start({});
  });
  REQUIRE(order.wait_for("busy-rest"));
  const auto text = order.text();
  CHECK(text.find("quiet") < text.find("busy-rest"));
}

TEST_CASE("an idle connection owns no memory for bytes, whatever came before") {
  constexpr std::size_t count = 100;
  const auto heap_bytes = [] { return mallinfo2().uordblks; };
  net_fixture here;
  const auto packet = packet_of(15'000, 'x');
  std::vector<std::unique_ptr<plugged>> plugs;
  std::vector<test::net_peer> peers;
  for (std::size_t i = 0; i < count; ++i) {
    auto pair = make_stream_pair();
    plugs.push_back(std::make_unique<plugged>(here, std::move(pair.ours)));
    auto& plug = *plugs.back();
    plug.input_hook = [&plug](mqtt::bytes_view& buffer) {
      plug.events.add("bytes");
      if (buffer.size() == 15'003)
        buffer = {};
    };
    plug.start();
    peers.push_back(std::move(pair.theirs));
  }
  const auto use = [&](std::size_t i) {
    peers[i].send(std::string_view{packet}.substr(0, 14'000));
    REQUIRE(plugs[i]->events.wait_for("bytes"));
    peers[i].send(std::string_view{packet}.substr(14'000));
    REQUIRE(plugs[i]->events.wait_for("bytes", 2));
  };
  use(0); // the thread's own buffer comes with the first
  const auto before = heap_bytes();
  for (std::size_t i = 1; i < count; ++i)
    use(i);
  here.run([] {});
  CHECK(heap_bytes() < before + count * 1'000);
}

// -- pausing ------------------------------------------------------------------

TEST_CASE("a paused connection takes nothing until it resumes, then all") {
  net_fixture here;
  auto pair = make_tcp_pair();
  plugged plug{here, std::move(pair.ours)};
  plug.start();
  plug.run([&] { plug.link->pause(); });
  pair.theirs.send("held");
  // The wait for the socket ends in this time, were it heard.
  plugged witness{here, [&] {
                    auto other = make_tcp_pair();
                    other.theirs.send("x");
                    return std::move(other.ours);
                  }()};
  witness.start();
  REQUIRE(witness.received(1) == "x");
  CHECK(plug.received(0).empty());
  plug.run([&] {
    CHECK(plug.link->is_paused());
    plug.link->resume();
    CHECK_FALSE(plug.link->is_paused());
  });
  CHECK(plug.received(4) == "held");
}

TEST_CASE("what was read before a pause waits for the resume, not for more "
          "bytes") {
  net_fixture here;
  auto pair = make_tcp_pair();
  plugged plug{here, std::move(pair.ours)};
  plug.input_hook = [&](mqtt::bytes_view& buffer) {
    plug.input += buffer.front();
    buffer.remove_prefix(1);
    plug.link->pause();
  };
  plug.start();
  pair.theirs.send("abc");
  CHECK(plug.received(1) == "a");
  plug.run([&] { plug.link->resume(); });
  CHECK(plug.received(2) == "ab");
  plug.run([&] { plug.link->resume(); });
  CHECK(plug.received(3) == "abc");
}

TEST_CASE("a connection that is paused before it starts waits too") {
  net_fixture here;
  auto pair = make_tcp_pair();
  plugged plug{here, std::move(pair.ours)};
  plug.run([&] {
    plug.link->pause();
    plug.link->start("early");
    CHECK(plug.input.empty());
    plug.link->resume();
    CHECK(plug.input == "early");
  });
  pair.theirs.send("-late");
  CHECK(plug.received(10) == "early-late");
}

TEST_CASE("pausing and resuming while bytes are handed over repeats none") {
  net_fixture here;
  auto pair = make_tcp_pair();
  plugged plug{here, std::move(pair.ours)};
  std::size_t calls = 0;
  plug.input_hook = [&](mqtt::bytes_view& buffer) {
    if (++calls == 1)
      return; // a partial packet
    plug.link->pause();
    plug.link->resume();
    plug.input += buffer;
    buffer = {};
  };
  plug.start();
  pair.theirs.send("abc");
  REQUIRE(here.eventually([&] { return calls == 1; }));
  pair.theirs.send("def");
  CHECK(plug.received(6) == "abcdef");
}

TEST_CASE("resuming what is not paused does nothing") {
  net_fixture here;
  auto pair = make_tcp_pair();
  plugged plug{here, std::move(pair.ours)};
  plug.start();
  plug.run([&] {
    plug.link->resume();
    plug.link->resume();
  });
  pair.theirs.send("once");
  CHECK(plug.received(4) == "once");
}

// -- giving away --------------------------------------------------------------

TEST_CASE("a released socket goes on elsewhere without a byte lost: on "
          "another reactor") {
  net_fixture here{2};
  auto pair = make_tcp_pair();
  plugged first{here, here.pool[0], std::move(pair.ours)};
  first.input_hook = [&](mqtt::bytes_view& buffer) {
    // The rest is a packet that somebody else will understand.
    first.input += buffer.substr(0, 3);
    buffer.remove_prefix(3);
    first.events.add("read");
  };
  first.start();
  pair.theirs.send("oneTWO");
  REQUIRE(first.events.wait_for("read"));
  net::released_socket freed;
  first.run([&] { freed = first.link->release(); });
  CHECK(freed.unread == "TWO");
  CHECK(freed.layered == nullptr);
  pair.theirs.send("three");
  plugged second{here, here.pool[1], std::move(freed.socket)};
  second.start(std::move(freed.unread));
  CHECK(second.received(8) == "TWOthree");
  second.write("answer");
  CHECK(pair.theirs.receive(6) == "answer");
  CHECK(first.events.text() == "read");
}

} // namespace connection_test
