#include "actors/net/pending_connect.hpp"

#include "test/support/hex.hpp"
#include "test/support/net_door.hpp"
#include "test/support/net_fixture.hpp"

#include <doctest/doctest.h>

#include <memory>
#include <string>

namespace pending_connect_test {

using namespace std::chrono_literals;
using namespace hetzel;
using hetzel::mqtt::reason_code;
using hetzel::test::auth_bytes;
using hetzel::test::connect_bytes;
using hetzel::test::make_accepted;
using hetzel::test::make_stream_pair;
using hetzel::test::make_tcp_pair;
using hetzel::test::to_hex;

namespace {

/// One client before a door.
struct porch : test::net_fixture, net::pending_connect_owner {
  ~porch() override { run([this] { client.reset(); }); }

  void on_finished(net::pending_connect& ended) override {
    if (client.get() != &ended)
      return events.add("unknown");
    client.reset();
    events.add("finished");
  }

  net::turnstile& turns() noexcept override { return queue; }

  void begin(test::socket_pair& pair) {
    context = test::make_listener_context(listening);
    auto accepted = make_accepted(std::move(pair.ours), context);
    run([&] {
      client = std::make_unique<net::pending_connect>(home(), accepted, door,
                                                      counters, *this);
      accepted.reset();
      client->start();
    });
  }

  /// What a refused client gets to read.
  std::string answer_to(std::string_view bytes) {
    auto pair = make_tcp_pair();
    begin(pair);
    pair.theirs.send(bytes);
    const auto answer = pair.theirs.receive_rest();
    CHECK(events.wait_for("finished"));
    return to_hex(answer);
  }

  net::listener_config listening;
  test::net_door door;
  test::echo_auth echo;
  test::event_log events;
  std::shared_ptr<net::listener_context> context;
  net::turnstile queue{home()};
  std::unique_ptr<net::pending_connect> client;
};

} // namespace

// -- admitted -----------------------------------------------------------------

TEST_CASE("an admitted client comes with its CONNECT, its place and its "
          "socket") {
  porch p;
  p.listening.name = "tcp.front";
  auto pair = make_tcp_pair();
  p.begin(pair);
  pair.theirs.send(connect_bytes({.client_id = "c1", .user_name = "jules"}));
  const auto client = p.door.take("c1");
  REQUIRE(client);
  CHECK(p.door.events.text() == "authenticate:tcp.front:jules admit:c1");
  CHECK(client->request->packet.client_id == "c1");
  CHECK(client->peer == "192.0.2.1:1");
  CHECK(client->unread.empty());
  CHECK(client->slot->config().name == "tcp.front");
  CHECK(p.events.wait_for("finished"));
  CHECK(p.context->connections == 1);
  // The same socket, still open: CONNACK is the session's to write.
  pair.theirs.send("x");
  test::plugged next{p, std::move(client->socket)};
  next.start();
  CHECK(next.received(1) == "x");
  next.write("y");
  CHECK(pair.theirs.end() == "y");
}

TEST_CASE("what a client sends behind CONNECT in one segment comes along, "
          "whole") {
  porch p;
  auto pair = make_tcp_pair();
  p.begin(pair);
  const auto subscribe = test::hex("82 06 0001 0001 'a' 00");
  const auto publish = test::hex("30 05 0001 'a' 'hi'");
  pair.theirs.send(connect_bytes() + subscribe + publish
                   + publish.substr(0, 3));
  const auto client = p.door.take("c1");
  REQUIRE(client);
  CHECK(to_hex(client->unread)
        == to_hex(subscribe + publish + publish.substr(0, 3)));
}

TEST_CASE("a CONNECT may come byte by byte, and nothing behind it is lost") {
  porch p;
  auto pair = make_tcp_pair();
  p.begin(pair);
  const auto sent = connect_bytes() + "rest";
  for (std::size_t i = 0; i < sent.size(); ++i) {
    pair.theirs.send(sent.substr(i, 1));
    p.run([] {});
  }
  const auto client = p.door.take("c1");
  REQUIRE(client);
  // What had not been read by then is in the socket still.
  test::plugged next{p, std::move(client->socket)};
  next.start(client->unread);
  CHECK(next.received(4) == "rest");
}

TEST_CASE("a client without an id gets the one that the policy assigns "
          "[MQTT-3.1.3-6]") {
  porch p;
  auto pair = make_tcp_pair();
  p.begin(pair);
  pair.theirs.send(connect_bytes({.client_id = ""}));
  const auto client = p.door.take("assigned");
  REQUIRE(client);
  CHECK(client->request->client_id_assigned);
}

// -- refused ------------------------------------------------------------------

TEST_CASE("a refused client gets CONNACK with the reason, then the end "
          "[MQTT-3.2.2-7]") {
  porch p;
  p.door.verdict = reason_code::not_authorized;
  CHECK(p.answer_to(connect_bytes()) == "20 03 00 87 00");
  CHECK(p.counters.connect_refused.value() == 1);
  CHECK(p.counters.socket_close.value() == 1);
  CHECK(p.context->connections == 0);
  CHECK(p.door.events.text() == "authenticate::");
}

TEST_CASE("a client that sees its end can come again at once: its place is "
          "free by then") {
  for (const bool is_refused : {true, false}) {
    CAPTURE(is_refused);
    porch p;
    p.listening.connect_timeout = is_refused ? 1min : 30ms;
    p.door.verdict = reason_code::not_authorized;
    auto pair = make_tcp_pair();
    p.begin(pair);
    if (is_refused)
      pair.theirs.send(connect_bytes());
    pair.theirs.receive_rest();
    CHECK(p.context->connections == 0);
  }
}

TEST_CASE("a refused 3.1.1 client gets its version's return code "
          "[3.1.1 MQTT-3.2.2-4]") {
  porch p;
  p.door.verdict = reason_code::not_authorized;
  CHECK(p.answer_to(connect_bytes(
          {.version = mqtt::protocol_version::v3_1_1}))
        == "20 02 00 05");
}

TEST_CASE("a first packet that is no CONNECT ends the connection without a "
          "word [MQTT-3.1.0-1]") {
  porch p;
  SUBCASE("PINGREQ") { CHECK(p.answer_to(test::hex("C0 00")).empty()); }
  SUBCASE("PUBLISH") {
    CHECK(p.answer_to(test::hex("30 05 0001 'a' 'hi'")).empty());
  }
  SUBCASE("another protocol, before its first line is through") {
    CHECK(p.answer_to("G").empty());
  }
  CHECK(p.counters.connect_refused.value() == 1);
  CHECK(p.door.events.text().empty());
}

TEST_CASE("a CONNECT that says it is over the limit is refused before it has "
          "come") {
  porch p;
  p.door.given_limits.connect_size_max = 1'000;
  // A 5.0 CONNECT of 2,000 bytes, of which these are the first.
  CHECK(p.answer_to(test::hex("10 D0 0F 0004 'MQTT' 05 02"))
        == "20 03 00 95 00");
  CHECK(p.counters.connect_refused.value() == 1);
}

TEST_CASE("every truncated CONNECT is waited for, none is refused or admitted, "
          "and its end is the end") {
  const auto whole = connect_bytes({.user_name = "jules"});
  for (std::size_t size = 0; size < whole.size(); ++size) {
    CAPTURE(size);
    porch p;
    auto pair = make_stream_pair();
    pair.theirs.send(whole.substr(0, size));
    pair.theirs.finish();
    p.begin(pair);
    REQUIRE(p.events.wait_for("finished"));
    CHECK(pair.theirs.end() == "closed");
    CHECK(p.counters.connect_refused.value() == 0);
    CHECK(p.counters.socket_close.value() == 1);
    CHECK(p.door.events.text().empty());
  }
}

TEST_CASE("a peer that resets before CONNECT frees its place") {
  porch p;
  auto pair = make_tcp_pair();
  p.begin(pair);
  CHECK(p.context->connections == 1);
  pair.theirs.send("\x10");
  pair.theirs.reset();
  REQUIRE(p.events.wait_for("finished"));
  CHECK(p.context->connections == 0);
  CHECK(p.counters.socket_error.value() == 1);
}

// -- time ---------------------------------------------------------------------

TEST_CASE("a client that does not say CONNECT in time is closed and counted") {
  porch p;
  p.listening.connect_timeout = 40ms;
  auto pair = make_tcp_pair();
  const auto start = std::chrono::steady_clock::now();
  p.begin(pair);
  CHECK(pair.theirs.end() == "closed");
  CHECK(std::chrono::steady_clock::now() - start >= 40ms);
  CHECK(p.events.wait_for("finished"));
  CHECK(p.counters.socket_close_timeout.value() == 1);
  CHECK(p.counters.socket_close.value() == 1);
  CHECK(p.context->connections == 0);
}

TEST_CASE("a CONNECT that trickles in does not stretch its time") {
  porch p;
  p.listening.connect_timeout = 60ms;
  auto pair = make_tcp_pair();
  p.begin(pair);
  const auto bytes = connect_bytes({.user_name = std::string(60'000, 'u')});
  std::size_t sent = 0;
  // A byte with each tick of the reactor's wheel, as long as it is listened to.
  REQUIRE(p.eventually([&] {
    if (p.client && sent < bytes.size())
      pair.theirs.send(bytes.substr(sent++, 1));
    return !p.client;
  }));
  CHECK(sent > 0);
  CHECK(sent < bytes.size());
  CHECK(p.counters.socket_close_timeout.value() == 1);
}

TEST_CASE("an admitted client has no deadline any more") {
  porch p;
  p.listening.connect_timeout = 40ms;
  auto pair = make_tcp_pair();
  p.begin(pair);
  pair.theirs.send(connect_bytes());
  const auto client = p.door.take("c1");
  REQUIRE(client);
  const auto start = std::chrono::steady_clock::now();
  REQUIRE(p.eventually(
    [&] { return std::chrono::steady_clock::now() - start > 100ms; }));
  CHECK(p.counters.socket_close_timeout.value() == 0);
  CHECK(p.context->connections == 1);
}

// -- enhanced authentication --------------------------------------------------

TEST_CASE("an AUTH exchange goes on until the method is satisfied "
          "[MQTT-4.12.0-2]") {
  porch p;
  p.door.given_methods = &p.echo;
  auto pair = make_tcp_pair();
  p.begin(pair);
  pair.theirs.send(connect_bytes({.auth_data = "sesame"}));
  const auto challenge = auth_bytes("say sesame");
  CHECK(pair.theirs.receive(challenge.size()) == challenge);
  CHECK(p.door.events.text().empty());
  pair.theirs.send(auth_bytes("sesame") + "more");
  const auto client = p.door.take("c1");
  REQUIRE(client);
  CHECK(client->request->auth_data == "welcome");
  CHECK(client->unread == "more");
}

TEST_CASE("a client that proves nothing is refused [MQTT-4.12.0-4]") {
  porch p;
  p.door.given_methods = &p.echo;
  auto pair = make_tcp_pair();
  p.begin(pair);
  pair.theirs.send(connect_bytes({.auth_data = "sesame"}));
  const auto challenge = auth_bytes("say sesame");
  CHECK(pair.theirs.receive(challenge.size()) == challenge);
  pair.theirs.send(auth_bytes("pumpkin"));
  const auto answer = pair.theirs.receive_rest();
  REQUIRE(answer.size() > 4);
  CHECK(to_hex(answer.substr(3, 1)) == "87");
  CHECK(p.events.wait_for("finished"));
  CHECK(p.context->connections == 0);
}

TEST_CASE("an exchange that stands still ends with the connect timeout") {
  porch p;
  p.listening.connect_timeout = 40ms;
  p.door.given_methods = &p.echo;
  auto pair = make_tcp_pair();
  p.begin(pair);
  pair.theirs.send(connect_bytes({.auth_data = "sesame"}));
  CHECK(pair.theirs.receive_rest() == auth_bytes("say sesame"));
  CHECK(p.counters.socket_close_timeout.value() == 1);
}

TEST_CASE("who answers a challenge before it came is admitted, and the "
          "challenge is written first") {
  porch p;
  p.door.given_methods = &p.echo;
  auto pair = make_tcp_pair();
  p.begin(pair);
  pair.theirs.send(connect_bytes({.auth_data = "sesame"})
                   + auth_bytes("sesame"));
  REQUIRE(p.door.take("c1"));
  CHECK(pair.theirs.receive_rest() == auth_bytes("say sesame"));
}

TEST_CASE("who does that and is gone by then costs nobody anything") {
  porch p;
  p.door.given_methods = &p.echo;
  auto pair = make_stream_pair();
  pair.theirs.send(connect_bytes({.auth_data = "sesame"})
                   + auth_bytes("sesame"));
  pair.theirs.close();
  p.begin(pair);
  REQUIRE(p.events.wait_for("finished"));
  p.run([] {});
  CHECK(p.events.text() == "finished");
  CHECK(p.context->connections == 0);
  CHECK(p.counters.socket_close.value() == 1);
  CHECK(p.door.events.text().find("admit") == std::string::npos);
}

} // namespace pending_connect_test
