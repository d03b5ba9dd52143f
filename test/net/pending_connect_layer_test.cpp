#include "actors/net/pending_connect.hpp"

#include "test/support/net_door.hpp"
#include "test/support/net_fixture.hpp"
#include "test/support/swapping_layer.hpp"

#include <doctest/doctest.h>

#include <memory>
#include <string>

namespace pending_connect_layer_test {

using namespace std::chrono_literals;
using namespace hetzel;
using hetzel::test::connect_bytes;
using hetzel::test::make_accepted;
using hetzel::test::make_tcp_pair;
using hetzel::test::swapped;

namespace {

/// One client before the door of a listener with layers.
struct lobby : test::net_fixture, net::pending_connect_owner {
  ~lobby() override {
    run([this] {
      client.reset();
      queue.reset();
    });
  }

  void on_finished(net::pending_connect&) override {
    client.reset();
    events.add("finished");
  }

  net::turnstile& turns() noexcept override { return *queue; }

  void begin(test::socket_pair& pair, bool has_layers = true) {
    const auto context = test::make_listener_context(listening);
    if (has_layers)
      context->layers = std::make_shared<test::swapping_source>();
    auto accepted = make_accepted(std::move(pair.ours), context);
    run([&] {
      client = std::make_unique<net::pending_connect>(home(), accepted, door,
                                                      counters, *this);
      accepted.reset();
      client->start();
    });
  }

  net::listener_config listening;
  test::net_door door;
  test::event_log events;
  std::unique_ptr<net::turnstile> queue
    = std::make_unique<net::turnstile>(home());
  std::unique_ptr<net::pending_connect> client;
};

} // namespace

TEST_CASE("a client is admitted through its layers, which come along with what "
          "they know of it") {
  lobby l;
  auto pair = make_tcp_pair();
  l.begin(pair);
  const auto sent = connect_bytes({.client_id = "c1", .user_name = "jules"});
  pair.theirs.send("H" + swapped(sent) + "rest");
  const auto client = l.door.take("c1");
  REQUIRE(client);
  // Who it is was known before it was judged.
  CHECK(l.door.events.text() == "authenticate::known admit:c1");
  CHECK(client->request->packet.user_name == "known");
  CHECK(client->peer == "198.51.100.7:7");
  REQUIRE(client->identity);
  CHECK(client->identity->user_name == "known");
  CHECK(client->unread == "REST");
  REQUIRE(client->layered);
  test::plugged next{l, std::move(client->socket)};
  next.run([&] { next.link->use(std::move(client->layered), nullptr); });
  next.start();
  pair.theirs.send("more");
  CHECK(next.received(4) == "MORE");
  next.write("answer");
  CHECK(pair.theirs.receive(7) == "hANSWER");
}

TEST_CASE("a refusal goes through the layers") {
  lobby l;
  l.door.verdict = mqtt::reason_code::not_authorized;
  auto pair = make_tcp_pair();
  l.begin(pair);
  pair.theirs.send("H" + swapped(connect_bytes()));
  const auto answer = pair.theirs.receive_rest();
  CHECK(answer.size() == 1 + 5 + 1);
  CHECK(answer.front() == 'h');
  CHECK(answer.back() == '~');
}

TEST_CASE("a handshake of TLS has a time of its own, and that of CONNECT "
          "begins behind it") {
  lobby l;
  l.listening.kind = net::listener_kind::ssl;
  auto pair = make_tcp_pair();
  SUBCASE("not through in time") {
    l.listening.handshake_timeout = 30ms;
    l.begin(pair);
    CHECK(pair.theirs.end() == "closed");
    CHECK(l.counters.transport_timeout.value() == 1);
  }
  SUBCASE("through, but no CONNECT") {
    l.listening.handshake_timeout = 30ms;
    l.listening.connect_timeout = 30ms;
    const auto start = std::chrono::steady_clock::now();
    l.begin(pair);
    pair.theirs.send("H");
    CHECK(pair.theirs.receive_rest() == "h");
    CHECK(std::chrono::steady_clock::now() - start >= 60ms);
    CHECK(l.counters.transport_timeout.value() == 0);
  }
  CHECK(l.counters.socket_close_timeout.value() == 1);
}

TEST_CASE("who leaves within the handshake is counted, unless it never began") {
  lobby l;
  auto pair = make_tcp_pair();
  l.begin(pair);
  SUBCASE("something else than the layer's protocol") {
    pair.theirs.send("GET / HTTP/1.1");
    CHECK(pair.theirs.end() == "closed");
    CHECK(l.counters.transport_unfinished.value() == 0);
    CHECK(l.counters
            .transport_faults[static_cast<std::size_t>(
              net::transport_fault::foreign)]
            .value()
          == 1);
  }
  SUBCASE("nothing at all") {
    pair.theirs.close();
    CHECK(l.events.wait_for("finished"));
    CHECK(l.counters.transport_unfinished.value() == 0);
  }
  CHECK(l.counters.socket_close.value() == 1);
}

TEST_CASE("TLS on a listener without it is told from other noise") {
  lobby l;
  auto pair = make_tcp_pair();
  l.begin(pair, false);
  SUBCASE("a ClientHello") {
    pair.theirs.send(std::string_view{"\x16\x03\x01\x02\x00\x01", 6});
    CHECK(pair.theirs.receive_rest().empty());
    CHECK(l.counters.tls_on_plain_listener.value() == 1);
  }
  SUBCASE("noise") {
    pair.theirs.send(std::string_view{"\x16\x04\x01", 3});
    CHECK(pair.theirs.receive_rest().empty());
    CHECK(l.counters.tls_on_plain_listener.value() == 0);
  }
  CHECK(l.counters.connect_refused.value() == 1);
}

} // namespace pending_connect_layer_test
