#include "actors/net/connect_gate.hpp"

#include "test/support/hex.hpp"
#include "test/support/net_door.hpp"
#include "test/support/net_fixture.hpp"

#include <doctest/doctest.h>

#include <stdexcept>
#include <string>
#include <vector>

namespace connect_gate_test {

using namespace std::chrono_literals;
using namespace hetzel;
using hetzel::test::connect_bytes;
using hetzel::test::make_tcp_pair;
using hetzel::test::net_peer;

namespace {

/// A gate with its door, on the first of two reactors.
struct gatehouse : test::net_fixture {
  explicit gatehouse(std::size_t pending_max = 100) : net_fixture(2) {
    gate = net::spawn_connect_gate(home(), {.pending_max = pending_max}, door,
                                   counters);
  }

  ~gatehouse() { kill(gate); }

  /// A client whose socket is on its way to the gate.
  net_peer arrive() {
    auto pair = make_tcp_pair();
    caf::anon_send(gate, test::make_accepted(std::move(pair.ours), context));
    return std::move(pair.theirs);
  }

  /// True once so many sockets wait for their CONNECT.
  bool are_pending(std::uint64_t count) {
    return eventually(
      [=, this] { return counters.pending_connects.value() == count; });
  }

  std::shared_ptr<net::listener_context> context
    = test::make_listener_context();
  test::net_door door;
  net::connect_gate gate;
};

} // namespace

TEST_CASE("a gate keeps sockets until their CONNECT, and says how many") {
  gatehouse g;
  auto first = g.arrive();
  auto second = g.arrive();
  REQUIRE(g.are_pending(2));
  CHECK(g.state_of(g.gate, "pending") == "2");
  CHECK(g.state_of(g.gate, "pending_max") == "100");
  CHECK(g.counters.socket_open.value() == 2);
  first.send(connect_bytes({.client_id = "one"}));
  REQUIRE(g.door.take("one"));
  REQUIRE(g.are_pending(1));
  second.close();
  REQUIRE(g.are_pending(0));
  CHECK(g.state_of(g.gate, "pending") == "0");
}

TEST_CASE("a socket that is not welcome is closed unread") {
  gatehouse g;
  g.door.is_welcoming = false;
  auto stranger = g.arrive();
  CHECK(stranger.receive_rest().empty());
  CHECK(g.counters.socket_refused.value() == 1);
  CHECK(g.counters.socket_open.value() == 0);
}

TEST_CASE("clients are admitted in any order, and each is who it is") {
  constexpr std::size_t count = 30;
  gatehouse g;
  std::vector<net_peer> peers;
  for (std::size_t i = 0; i < count; ++i)
    peers.push_back(g.arrive());
  REQUIRE(g.are_pending(count));
  for (std::size_t i = 0; i < count; ++i) {
    const auto which = i * 7 % count;
    const auto id = "c" + std::to_string(which);
    peers[which].send(connect_bytes({.client_id = id}));
    auto client = g.door.take(id);
    REQUIRE(client);
    test::plugged session{g, std::move(client->socket)};
    session.write(id);
    CHECK(peers[which].receive(id.size()) == id);
  }
  CHECK(g.are_pending(0));
}

TEST_CASE("beyond pending_max a socket is closed at once, counted, and its "
          "place is free") {
  gatehouse g{2};
  auto first = g.arrive();
  const auto second = g.arrive();
  REQUIRE(g.are_pending(2));
  auto third = g.arrive();
  CHECK(third.end() == "closed");
  CHECK(g.counters.socket_refused.value() == 1);
  CHECK(g.counters.socket_open.value() == 2);
  CHECK(g.context->connections == 2);
  // Room again.
  first.close();
  REQUIRE(g.are_pending(1));
  auto fourth = g.arrive();
  fourth.send(connect_bytes({.client_id = "four"}));
  CHECK(g.door.take("four"));
}

TEST_CASE("200 slow clients keep none from connecting") {
  gatehouse g{300};
  std::vector<net_peer> slow;
  for (int i = 0; i < 200; ++i) {
    slow.push_back(g.arrive());
    slow.back().send(connect_bytes().substr(0, 5));
  }
  REQUIRE(g.are_pending(200));
  auto quick = g.arrive();
  quick.send(connect_bytes({.client_id = "quick"}));
  CHECK(g.door.take("quick"));
  CHECK(g.counters.pending_connects.value() == 200);
}

TEST_CASE("all sockets that are late go at their time, and are counted") {
  gatehouse g;
  g.context->config.connect_timeout = 40ms;
  std::vector<net_peer> late;
  for (int i = 0; i < 20; ++i)
    late.push_back(g.arrive());
  for (auto& each : late)
    CHECK(each.end() == "closed");
  CHECK(g.are_pending(0));
  CHECK(g.counters.socket_close_timeout.value() == 20);
  CHECK(g.counters.socket_open.value() == g.counters.socket_close.value());
  CHECK(g.context->connections == 0);
}

TEST_CASE("an exception while a client is judged costs that client alone") {
  gatehouse g;
  g.context->config.connect_timeout = 10min;
  g.door.authenticate_hook = [&, calls = 0]() mutable {
    if (++calls == 1)
      throw std::runtime_error{"no database"};
  };
  auto unlucky = g.arrive();
  unlucky.send(connect_bytes({.client_id = "unlucky"}));
  CHECK(unlucky.end() == "closed");
  auto next = g.arrive();
  next.send(connect_bytes({.client_id = "next"}));
  CHECK(g.door.take("next"));
  CHECK(g.are_pending(0));
  CHECK(g.context->connections == 0);
  CHECK(g.counters.connect_refused.value() == 1);
  CHECK(g.home().counters().failures == 0);
}

TEST_CASE("killing a gate closes what was pending, evens the counters out and "
          "frees the places") {
  gatehouse g;
  auto first = g.arrive();
  auto second = g.arrive();
  second.send(connect_bytes().substr(0, 5));
  REQUIRE(g.are_pending(2));
  g.kill(g.gate);
  CHECK(first.end() == "closed");
  CHECK(second.end() != "silent");
  CHECK(g.are_pending(0));
  CHECK(g.counters.socket_open.value() == g.counters.socket_close.value());
  CHECK(g.context->connections == 0);
}

TEST_CASE("a socket that is sent to a dead gate is closed and frees its "
          "place") {
  gatehouse g;
  g.kill(g.gate);
  auto late = g.arrive();
  CHECK(late.end() == "closed");
  CHECK(g.context->connections == 0);
}

TEST_CASE("a client that sends CONNECT, SUBSCRIBE and PUBLISH at once loses "
          "none of it on its way to another reactor") {
  gatehouse g;
  const auto behind = test::hex("82 06 0001 0001 'a' 00")
                      + test::hex("30 05 0001 'a' 'hi'");
  auto peer = g.arrive();
  peer.send(connect_bytes() + behind);
  auto client = g.door.take("c1");
  REQUIRE(client);
  peer.send("later");
  test::plugged session{g, g.pool[1], std::move(client->socket)};
  session.start(std::move(client->unread));
  CHECK(session.received(behind.size() + 5) == behind + "later");
  session.write("answer");
  CHECK(peer.receive(6) == "answer");
}

} // namespace connect_gate_test
