#include "actors/net/listener.hpp"

#include "actors/runtime/pinned.hpp"
#include "test/support/net_door.hpp"
#include "test/support/net_fixture.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <deque>
#include <mutex>
#include <string>
#include <vector>

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

namespace listener_test {

using namespace std::chrono_literals;
using namespace hetzel;
using hetzel::net::accepted_socket_ptr;
using hetzel::net::listener_config;
using hetzel::test::net_peer;

namespace {

/// Sockets that fake gates were sent, by the gate's name.
struct arrivals {
  test::event_log events;
  std::mutex mutex;
  std::vector<accepted_socket_ptr> sockets;

  accepted_socket_ptr from(const net_peer& peer) {
    const std::lock_guard guard{mutex};
    const auto found
      = std::find_if(sockets.begin(), sockets.end(), [&](const auto& each) {
          return each->peer == peer.address();
        });
    return found == sockets.end() ? nullptr : *found;
  }

  void clear() {
    const std::lock_guard guard{mutex};
    sockets.clear();
  }
};

/// A gate that opens for nobody.
class wall_state {
public:
  static inline const char* name = "test.wall";

  wall_state(runtime::pinned_pointer<net::connect_gate> self, std::string id,
             arrivals* log)
    : self_(self), id_(std::move(id)), log_(log) {}

  net::connect_gate::behavior_type make_behavior() {
    return {runtime::describing(self_),
            [this](const accepted_socket_ptr& socket) {
              const std::lock_guard guard{log_->mutex};
              log_->sockets.push_back(socket);
              log_->events.add(id_);
            }};
  }

private:
  runtime::pinned_pointer<net::connect_gate> self_;
  std::string id_;
  arrivals* log_;
};

/// Two gates, and listeners that send to them in turn.
struct street : test::net_fixture {
  street() : net_fixture(2) {
    for (const char* id : {"left", "right"})
      gates.push_back(
        runtime::spawn_pinned<net::connect_gate, wall_state>(pool[1], id,
                                                             &came));
  }

  ~street() {
    for (const auto& one : listeners)
      kill(one.actor);
    for (const auto& gate : gates)
      kill(gate);
    came.clear();
  }

  struct open_listener {
    std::shared_ptr<const net::listening_socket> socket;
    std::shared_ptr<net::listener_context> context;
    net::listener actor;

    [[nodiscard]] std::uint16_t port() const { return socket->port(); }
    [[nodiscard]] std::size_t connections() const {
      return context->connections;
    }
  };

  net::listener spawn(const open_listener& one) {
    return net::spawn_listener(
      home(), one.socket, one.context,
      [this] { return gates[turn++ % gates.size()]; }, counters);
  }

  open_listener& open(listener_config at = {}) {
    if (at.address.empty())
      at.address = "127.0.0.1";
    auto socket = net::listening_socket::open(at);
    REQUIRE(socket);
    listeners.push_back(
      {std::make_shared<const net::listening_socket>(std::move(*socket)),
       test::make_listener_context(at),
       {}});
    listeners.back().actor = spawn(listeners.back());
    return listeners.back();
  }

  arrivals came;
  std::vector<net::connect_gate> gates;
  std::size_t turn = 0;
  std::deque<open_listener> listeners;
};

listener_config named(std::string name) {
  listener_config result;
  result.name = std::move(name);
  return result;
}

int option(const accepted_socket_ptr& of, int level, int name) {
  int value = 0;
  socklen_t size = sizeof value;
  REQUIRE(::getsockopt(of->socket.get(), level, name, &value, &size) == 0);
  return value;
}

/// While it lives no descriptor is left to open.
class no_descriptors {
public:
  no_descriptors() {
    REQUIRE(::getrlimit(RLIMIT_NOFILE, &before_) == 0);
    const int lowest_free = ::dup(0);
    REQUIRE(lowest_free >= 0);
    ::close(lowest_free);
    auto none = before_;
    none.rlim_cur = static_cast<rlim_t>(lowest_free);
    REQUIRE(::setrlimit(RLIMIT_NOFILE, &none) == 0);
  }

  ~no_descriptors() { ::setrlimit(RLIMIT_NOFILE, &before_); }
  no_descriptors(const no_descriptors&) = delete;
  no_descriptors& operator=(const no_descriptors&) = delete;

private:
  rlimit before_{};
};

} // namespace

TEST_CASE("a listener hands its connections to the gates in turn, with the "
          "peer's address") {
  street s;
  auto& front = s.open(named("tcp.front"));
  const auto first = net_peer::connect(front.port());
  REQUIRE(s.came.events.wait_for("left"));
  const auto second = net_peer::connect(front.port());
  REQUIRE(s.came.events.wait_for("right"));
  const auto third = net_peer::connect(front.port());
  REQUIRE(s.came.events.wait_for("left", 2));
  const auto socket = s.came.from(second);
  REQUIRE(socket);
  CHECK(socket->slot->config().name == "tcp.front");
  CHECK(front.connections() == 3);
}

TEST_CASE("a listener tells its address, its connections and what it refused") {
  street s;
  auto config = named("tcp.front");
  config.max_connections = 1;
  auto& front = s.open(config);
  const auto first = net_peer::connect(front.port());
  REQUIRE(s.came.events.wait_for("left"));
  auto second = net_peer::connect(front.port());
  REQUIRE(second.end() == "closed");
  CHECK(s.state_of(front.actor, "listener") == "tcp.front");
  CHECK(s.state_of(front.actor, "address")
        == "127.0.0.1:" + std::to_string(front.port()));
  CHECK(s.state_of(front.actor, "connections") == "1");
  CHECK(s.state_of(front.actor, "connections_max") == "1");
  CHECK(s.state_of(front.actor, "accepted") == "1");
  CHECK(s.state_of(front.actor, "refused") == "1");
}

TEST_CASE("beyond max_connections a connection is closed at once and counted, "
          "until a place is free") {
  street s;
  listener_config config;
  config.max_connections = 2;
  auto& front = s.open(config);
  auto& other = s.open();
  const auto first = net_peer::connect(front.port());
  const auto second = net_peer::connect(front.port());
  REQUIRE(s.came.events.wait_for("right"));
  auto third = net_peer::connect(front.port());
  CHECK(third.end() == "closed");
  CHECK(s.counters.socket_refused.value() == 1);
  // Each listener has its own limit.
  const auto elsewhere = net_peer::connect(other.port());
  REQUIRE(s.came.events.wait_for("left", 2));
  CHECK(front.connections() == 2);
  CHECK(other.connections() == 1);
  s.came.clear();
  CHECK(front.connections() == 0);
  const auto fourth = net_peer::connect(front.port());
  CHECK(s.came.events.wait_for("right", 2));
}

TEST_CASE("a storm of connections is accepted whole") {
  constexpr std::size_t count = 300; // more than one batch
  street s;
  auto& front = s.open();
  std::vector<net_peer> clients;
  s.run([&] {
    // They wait together: the listener cannot run meanwhile.
    for (std::size_t i = 0; i < count; ++i)
      clients.push_back(net_peer::connect(front.port()));
  });
  CHECK(s.came.events.wait_for("left", count / 2));
  CHECK(s.came.events.wait_for("right", count / 2));
  CHECK(front.connections() == count);
}

TEST_CASE("each listener's connections get its own socket options") {
  street s;
  listener_config config;
  config.send_buffer = 40'000;
  auto& quick = s.open(config);
  config = {};
  config.nodelay = false;
  config.receive_buffer = 50'000;
  auto& plain = s.open(config);
  const auto first = net_peer::connect(quick.port());
  const auto second = net_peer::connect(plain.port());
  REQUIRE(s.came.events.wait_for("left"));
  REQUIRE(s.came.events.wait_for("right"));
  const auto to_quick = s.came.from(first);
  const auto to_plain = s.came.from(second);
  REQUIRE(to_quick);
  REQUIRE(to_plain);
  CHECK(option(to_quick, IPPROTO_TCP, TCP_NODELAY) != 0);
  CHECK(option(to_plain, IPPROTO_TCP, TCP_NODELAY) == 0);
  // The kernel doubles what it is told, for its own bookkeeping.
  CHECK(option(to_quick, SOL_SOCKET, SO_SNDBUF) == 80'000);
  CHECK(option(to_plain, SOL_SOCKET, SO_RCVBUF) == 100'000);
  // A half-open peer is found out even without keep alive.
  CHECK(option(to_plain, SOL_SOCKET, SO_KEEPALIVE) != 0);
}

TEST_CASE("an IPv6 listener names its peers in brackets") {
  street s;
  listener_config config;
  config.address = "::1";
  auto& front = s.open(config);
  const auto client = net_peer::connect(front.port(), true);
  REQUIRE(s.came.events.wait_for("left"));
  CHECK(s.came.from(client) != nullptr);
  CHECK(client.address().starts_with("[::1]:"));
}

TEST_CASE("a peer that gives up before it is accepted keeps nobody else from "
          "coming") {
  street s;
  auto& front = s.open();
  std::vector<net_peer> others;
  s.run([&] {
    for (int i = 0; i < 100; ++i)
      net_peer::connect(front.port()).reset();
    others.push_back(net_peer::connect(front.port()));
  });
  REQUIRE(s.eventually([&] { return s.came.from(others[0]) != nullptr; }));
}

TEST_CASE("without descriptors accepting rests, is counted, and goes on when "
          "there are some") {
  street s;
  auto& front = s.open();
  // It has no accepted connection yet: the first wait is through.
  REQUIRE(s.state_of(front.actor, "accepted") == "0");
  auto client = net_peer::unconnected();
  std::vector<std::uint64_t> refused;
  std::vector<mqtt::time_point> times;
  {
    const no_descriptors now;
    client.connect_to(front.port());
    REQUIRE(s.eventually([&] {
      const auto count = s.counters.socket_refused.value();
      if (refused.empty() ? count > 0 : count > refused.back()) {
        refused.push_back(count);
        times.push_back(std::chrono::steady_clock::now());
      }
      return count >= 3;
    }));
    CHECK(s.came.events.text().empty());
  }
  // One try after each rest, not one for each time the socket is ready.
  CHECK(refused == std::vector<std::uint64_t>{1, 2, 3});
  CHECK(times.back() - times.front() >= 150ms);
  CHECK(s.came.events.wait_for("left"));
  CHECK(front.connections() == 1);
}

TEST_CASE("a listener that failed is started again on the same socket, and who "
          "waited meanwhile is accepted") {
  street s;
  auto& front = s.open();
  const auto before = net_peer::connect(front.port());
  REQUIRE(s.came.events.wait_for("left"));
  s.kill(front.actor);
  const auto meanwhile = net_peer::connect(front.port());
  s.run([] {});
  CHECK(s.came.from(meanwhile) == nullptr);
  // Its connections live on.
  CHECK(front.connections() == 1);
  front.actor = s.spawn(front);
  REQUIRE(s.came.events.wait_for("right"));
  CHECK(s.came.from(meanwhile) != nullptr);
  CHECK(front.connections() == 2);
}

TEST_CASE("a listener may end while it rests for lack of descriptors") {
  street s;
  auto& front = s.open();
  REQUIRE(s.state_of(front.actor, "accepted") == "0");
  auto client = net_peer::unconnected();
  {
    const no_descriptors now;
    client.connect_to(front.port());
    REQUIRE(
      s.eventually([&] { return s.counters.socket_refused.value() > 0; }));
    s.kill(front.actor);
  }
  // Past the rest that the dead one had begun.
  const auto start = std::chrono::steady_clock::now();
  REQUIRE(s.eventually(
    [&] { return std::chrono::steady_clock::now() - start > 150ms; }));
  CHECK(s.came.events.text().empty());
  front.actor = s.spawn(front);
  CHECK(s.came.events.wait_for("left"));
}

TEST_CASE("a listener that is started for lack of descriptors without a socket "
          "of its own gets one when there are some") {
  street s;
  auto& front = s.open();
  REQUIRE(s.state_of(front.actor, "accepted") == "0");
  s.kill(front.actor);
  auto client = net_peer::unconnected();
  {
    const no_descriptors now;
    front.actor = s.spawn(front);
    client.connect_to(front.port());
    REQUIRE(
      s.eventually([&] { return s.counters.socket_refused.value() >= 2; }));
    CHECK(s.state_of(front.actor, "accepted") == "0");
  }
  CHECK(s.came.events.wait_for("left"));
}

TEST_CASE("while there is no gate a connection is closed, and its place is "
          "free") {
  street s;
  auto& front = s.open();
  s.run([&] {
    s.gates.push_back({});
    s.turn = 2;
  });
  auto client = net_peer::connect(front.port());
  CHECK(client.end() == "closed");
  CHECK(front.connections() == 0);
  s.run([&] { s.gates.pop_back(); });
  const auto next = net_peer::connect(front.port());
  CHECK(s.came.events.wait_for("right"));
}

TEST_CASE("when the last of a listener goes its port is free, and clients "
          "that wait at the gate stay") {
  street s;
  s.open();
  const auto port = s.listeners[0].port();
  const auto pending = net_peer::connect(port);
  auto unaccepted = net_peer::unconnected();
  REQUIRE(s.came.events.wait_for("left"));
  s.kill(s.listeners[0].actor);
  unaccepted.connect_to(port);
  s.listeners.clear();
  // Who was not accepted any more is told so.
  CHECK(unaccepted.end() != "silent");
  const auto socket = s.came.from(pending);
  REQUIRE(socket);
  CHECK(::send(socket->socket.get(), "x", 1, MSG_NOSIGNAL) == 1);
  listener_config config;
  config.address = "127.0.0.1";
  config.port = port;
  const auto again = net::listening_socket::open(config);
  REQUIRE(again);
  CHECK(again->port() == port);
}

} // namespace listener_test
