#include "actors/net/listener_set.hpp"

#include "actors/net/tls/tls_source.hpp"
#include "test/support/net_door.hpp"
#include "test/support/net_fixture.hpp"
#include "test/support/tls_house.hpp"

#include <doctest/doctest.h>

#include <memory>
#include <string>
#include <vector>

#include <sys/socket.h>

namespace listener_set_test {

using namespace std::chrono_literals;
using namespace hetzel;
using hetzel::net::listener_config;
using hetzel::net::listener_status;
using hetzel::test::connect_bytes;
using hetzel::test::net_peer;

namespace {

listener_config at_loopback(const std::string& name) {
  listener_config config;
  config.name = name;
  config.address = "127.0.0.1";
  return config;
}

/// The listeners of a node without the rest of it.
struct town : test::net_fixture {
  town() : net_fixture(2) {
    gate = net::spawn_connect_gate(pool[1], {}, door, counters);
  }

  ~town() {
    if (supervisor)
      kill(supervisor);
    kill(gate);
    door.forget();
  }

  void begin(std::vector<listener_config> configs) {
    const auto opened = set.open(configs);
    REQUIRE(opened);
    start_supervisor();
  }

  void start_supervisor() {
    const auto spec = set.child();
    const auto started = spec.start();
    supervisor = caf::actor_cast<runtime::supervisor_actor>(started);
    self->request(supervisor, 20s, runtime::started_atom_v)
      .receive([] {}, [](const caf::error& why) { FAIL(to_string(why)); });
    spec.on_started(started);
  }

  std::uint16_t port_of(const std::string& name) {
    for (const auto& one : set.list())
      if (one.config.name == name)
        return one.port;
    return 0;
  }

  /// The mountpoint that a new client of the port gets.
  std::string mountpoint_at(std::uint16_t port) {
    const auto id = "c" + std::to_string(++last_id);
    clients.push_back(net_peer::connect(port));
    clients.back().send(connect_bytes({.client_id = id}));
    admitted.push_back(door.take(id));
    REQUIRE(admitted.back());
    return admitted.back()->slot->config().mountpoint;
  }

  /// Whether somebody accepts there.
  static bool is_open(std::uint16_t port) {
    try {
      net_peer::connect(port);
      return true;
    } catch (const std::system_error&) {
      return false;
    }
  }

  test::net_door door;
  net::connect_gate gate;
  net::listener_set set{{system,
                         {{pool[0], counters}, {pool[1], counters}},
                         [this] { return [this] { return gate; }; }}};
  runtime::supervisor_actor supervisor;
  std::vector<net_peer> clients;
  std::vector<std::shared_ptr<net::accepted_client>> admitted;
  int last_id = 0;
};

} // namespace

TEST_CASE("a port that is taken is a sentence, and nothing is open") {
  town t;
  auto first = at_loopback("tcp.a");
  t.begin({first});
  first.port = t.port_of("tcp.a");
  first.name = "tcp.b";
  const auto opened = t.set.open(std::vector{first});
  REQUIRE_FALSE(opened);
  CHECK(opened.error().starts_with("listener tcp.b: cannot listen on "));
}

TEST_CASE("a listener that comes is served, one that goes closes its port, and "
          "the others do not notice") {
  town t;
  auto a = at_loopback("tcp.a");
  auto b = at_loopback("tcp.b");
  b.mountpoint = "second";
  t.begin({a});
  const auto port_a = t.port_of("tcp.a");
  CHECK(t.mountpoint_at(port_a).empty());
  CHECK(t.set.apply(std::vector{a, b}).empty());
  const auto port_b = t.port_of("tcp.b");
  CHECK(t.mountpoint_at(port_b) == "second");
  CHECK(t.port_of("tcp.a") == port_a);
  CHECK(t.set.apply(std::vector{b}).empty());
  CHECK_FALSE(t.is_open(port_a));
  CHECK(t.mountpoint_at(port_b) == "second");
  // Its connections stay.
  CHECK(::send(t.admitted[0]->socket.get(), "x", 1, MSG_NOSIGNAL) == 1);
  CHECK(t.clients[0].receive(1) == "x");
}

TEST_CASE("a listener that changed gives its next clients what they want now, "
          "at the same port, and counts on") {
  town t;
  auto a = at_loopback("tcp.a");
  t.begin({a});
  const auto port = t.port_of("tcp.a");
  CHECK(t.mountpoint_at(port).empty());
  a.mountpoint = "new";
  a.max_connections = 2;
  CHECK(t.set.apply(std::vector{a}).empty());
  CHECK(t.port_of("tcp.a") == port);
  CHECK(t.mountpoint_at(port) == "new");
  CHECK(t.admitted[0]->slot->config().mountpoint.empty());
  CHECK(t.set.list()[0].connections == 2);
  auto third = net_peer::connect(port);
  CHECK(third.end() == "closed");
}

TEST_CASE("a listener moves to another port; where it cannot go it stays") {
  town t;
  auto a = at_loopback("tcp.a");
  auto b = at_loopback("tcp.b");
  t.begin({a, b});
  const auto before = t.port_of("tcp.a");
  a.port = t.port_of("tcp.b");
  a.mountpoint = "moved";
  const auto faults = t.set.apply(std::vector{a, b});
  REQUIRE(faults.size() == 1);
  CHECK(faults[0].starts_with("listener tcp.a: cannot listen on "));
  CHECK(t.mountpoint_at(before).empty());
  // The port is free now, and the next try succeeds.
  CHECK(t.set.apply(std::vector{a}).empty());
  CHECK(t.mountpoint_at(a.port) == "moved");
  CHECK_FALSE(t.is_open(before));
}

TEST_CASE("a listener can be stopped, started again at its port, and removed") {
  town t;
  t.begin({at_loopback("tcp.a")});
  const auto port = t.port_of("tcp.a");
  CHECK_FALSE(t.set.remove("tcp.a"));
  CHECK(t.set.stop("tcp.a"));
  CHECK(t.set.list()[0].status == listener_status::suspended);
  CHECK_FALSE(t.is_open(port));
  CHECK(t.set.stop("tcp.a"));
  CHECK(t.set.restart("tcp.a"));
  CHECK(t.set.list()[0].status == listener_status::running);
  CHECK(t.mountpoint_at(port).empty());
  CHECK(t.set.stop("tcp.a"));
  CHECK(t.set.remove("tcp.a"));
  CHECK(t.set.list().empty());
  CHECK_FALSE(t.set.stop("tcp.a"));
  CHECK_FALSE(t.set.restart("tcp.a"));
}

TEST_CASE("a listener can be started by a word, under a name of its own") {
  town t;
  t.begin({at_loopback("tcp.a")});
  CHECK_FALSE(t.set.start(at_loopback("tcp.a")));
  CHECK(t.set.start(at_loopback("tcp.b")));
  CHECK(t.mountpoint_at(t.port_of("tcp.b")).empty());
}

TEST_CASE("a stopped listener stays so whatever else changes of it") {
  town t;
  auto a = at_loopback("tcp.a");
  t.begin({a});
  const auto port = t.port_of("tcp.a");
  CHECK(t.set.stop("tcp.a"));
  a.mountpoint = "new";
  CHECK(t.set.apply(std::vector{a}).empty());
  CHECK_FALSE(t.is_open(port));
  CHECK(t.set.restart("tcp.a"));
  CHECK(t.mountpoint_at(t.port_of("tcp.a")) == "new");
}

TEST_CASE("a supervisor that is started again has the listeners that there are "
          "then") {
  town t;
  t.begin({at_loopback("tcp.a")});
  CHECK(t.set.apply(std::vector{at_loopback("tcp.b"), at_loopback("tcp.c")})
          .empty());
  CHECK(t.set.stop("tcp.c"));
  t.kill(t.supervisor);
  t.start_supervisor();
  CHECK(t.mountpoint_at(t.port_of("tcp.b")).empty());
  CHECK_FALSE(t.is_open(t.port_of("tcp.c")));
}

TEST_CASE("a TLS listener needs its files, and shows new ones to the next "
          "client") {
  test::tls_house house;
  town t;
  t.begin({at_loopback("tcp.a")});
  auto secure = at_loopback("ssl.a");
  secure.kind = net::listener_kind::ssl;
  const std::vector wanted{at_loopback("tcp.a"), secure};
  REQUIRE(t.set.apply(wanted).size() == 1);
  CHECK(t.set.list().size() == 1);
  secure.tls = house.config;
  CHECK(t.set.apply(std::vector{at_loopback("tcp.a"), secure}).empty());

  const auto shown = [&] {
    auto socket = net_peer::connect(t.port_of("ssl.a"));
    test::tls_client client{house.client()};
    auto to_server = client.exchange({});
    while (!client.is_established() && client.failure.empty()) {
      socket.send(to_server);
      to_server = client.exchange(socket.receive(1));
    }
    const auto id = "t" + std::to_string(++t.last_id);
    socket.send(to_server + client.write(connect_bytes({.client_id = id})));
    REQUIRE(t.door.take(id));
    return client.server_common_name();
  };
  CHECK(shown() == "localhost");
  CHECK(t.counters.transport_established.value() == 1);
  house.write("server", house.authority.issue({.common_name = "fresh"}));
  t.set.refresh_tls();
  CHECK(shown() == "fresh");
}

TEST_CASE("every status has a word") {
  CHECK(to_string(listener_status::running) == std::string{"running"});
  CHECK(to_string(listener_status::suspended) == std::string{"suspended"});
}

} // namespace listener_set_test
