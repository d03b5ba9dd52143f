#include "actors/net/connection.hpp"

#include "test/support/net_fixture.hpp"
#include "test/support/swapping_layer.hpp"

#include <doctest/doctest.h>

#include <string>

namespace connection_layer_test {

using namespace hetzel;
using hetzel::net::transport_fault;
using hetzel::test::letters;
using hetzel::test::make_swapping;
using hetzel::test::make_tcp_pair;
using hetzel::test::net_fixture;
using hetzel::test::plugged;
using hetzel::test::swapped;

namespace {

/// A connection with the layer of swapping_layer.hpp.
struct layered_plug : plugged {
  layered_plug(net_fixture& around, net::socket_handle socket)
    : plugged(around, std::move(socket)) {
    run([this] { link->use(make_swapping(), nullptr); });
  }
};

std::uint64_t faults(net_fixture& of, transport_fault which) {
  return of.counters.transport_faults[static_cast<std::size_t>(which)].value();
}

} // namespace

TEST_CASE("bytes pass through the layers both ways, once their handshake is "
          "through") {
  net_fixture here;
  auto pair = make_tcp_pair();
  layered_plug plug{here, std::move(pair.ours)};
  plug.start();
  plug.write("first");
  pair.theirs.send("Hquestion");
  CHECK(plug.received(8) == "QUESTION");
  CHECK(pair.theirs.receive(6) == "hFIRST");
  plug.write("then");
  CHECK(pair.theirs.receive(4) == "THEN");
  CHECK(here.counters.transport_established.value() == 1);
}

TEST_CASE("what the handler leaves of a packet comes again in front of the "
          "next bytes, also above layers") {
  net_fixture here;
  auto pair = make_tcp_pair();
  layered_plug plug{here, std::move(pair.ours)};
  plug.input_hook = [&](mqtt::bytes_view& buffer) {
    // Whole lines only.
    const auto end = buffer.rfind('|');
    if (end == mqtt::bytes_view::npos)
      return;
    plug.input += buffer.substr(0, end + 1);
    buffer.remove_prefix(end + 1);
  };
  plug.start();
  pair.theirs.send("Hone|t");
  CHECK(plug.received(4) == "ONE|");
  pair.theirs.send("wo|");
  CHECK(plug.received(8) == "ONE|TWO|");
}

TEST_CASE("on_flushed waits for output that waits for the handshake") {
  net_fixture here;
  auto pair = make_tcp_pair();
  layered_plug plug{here, std::move(pair.ours)};
  plug.start();
  plug.run([&] { plug.link->notify_when_flushed(); });
  plug.write("early");
  plug.run([] {});
  CHECK(plug.events.text().empty());
  pair.theirs.send("H");
  CHECK(plug.events.wait_for("flushed"));
  CHECK(pair.theirs.receive(6) == "hEARLY");
}

TEST_CASE("what the socket does not take stays in the output, but for one "
          "portion") {
  net_fixture here;
  auto pair = make_tcp_pair(true);
  layered_plug plug{here, std::move(pair.ours)};
  plug.start();
  pair.theirs.send("H");
  REQUIRE(pair.theirs.receive(1) == "h");
  const auto sent = letters(3'000'000);
  plug.write(sent);
  plug.run([&] {
    const auto out = plug.output.size() + here.counters.bytes_sent.value() - 1;
    CHECK(out < sent.size());
    CHECK(out + net::connection::sealed_max >= sent.size());
  });
  CHECK((pair.theirs.receive(sent.size()) == swapped(sent)));
  plug.run([&] { CHECK(plug.output.empty()); });
}

TEST_CASE("a peer that lets the layers' answers pile up is not read until it "
          "takes them") {
  net_fixture here;
  auto pair = make_tcp_pair(true);
  layered_plug plug{here, std::move(pair.ours)};
  plug.start();
  pair.theirs.send("H");
  REQUIRE(pair.theirs.receive(1) == "h");
  const std::string questions(4'000'000, '?');
  std::thread asking{[&] { pair.theirs.send(questions); }};
  REQUIRE(here.eventually([&] {
    return plug.link->layered()->down.size() >= net::connection::answered_max;
  }));
  plug.run([&] {
    CHECK(plug.link->layered()->down.size()
          <= net::connection::answered_max + net::connection::read_size);
  });
  CHECK((pair.theirs.receive(questions.size())
         == std::string(questions.size(), '!')));
  asking.join();
}

TEST_CASE("a large packet comes whole through the layers") {
  net_fixture here;
  auto pair = make_tcp_pair();
  layered_plug plug{here, std::move(pair.ours)};
  // A PUBLISH of 3,000,000 bytes, and its body.
  const std::string head{"\x30\xC0\x8D\xB7\x01", 5};
  const auto body = letters(3'000'000);
  std::size_t calls = 0;
  plug.input_hook = [&](mqtt::bytes_view& buffer) {
    ++calls;
    if (buffer.size() < head.size() + body.size())
      return;
    plug.input += buffer;
    buffer = {};
  };
  plug.start();
  pair.theirs.send("H" + head + swapped(body));
  CHECK((plug.received(head.size() + body.size()) == head + body));
  CHECK(calls < 5);
}

TEST_CASE("the layers' end is the connection's, behind all that came before") {
  net_fixture here;
  auto pair = make_tcp_pair();
  layered_plug plug{here, std::move(pair.ours)};
  SUBCASE("at once") {
    plug.start();
    pair.theirs.send("Hbye.");
  }
  SUBCASE("after a pause") {
    plug.input_hook = [&](mqtt::bytes_view& buffer) {
      plug.input += buffer.substr(0, 1);
      buffer.remove_prefix(1);
      if (plug.input.size() == 1)
        plug.link->pause();
    };
    plug.start();
    pair.theirs.send("Hbye.");
    CHECK(plug.received(1) == "B");
    plug.run([&] {
      CHECK(plug.events.text().empty());
      plug.input_hook = nullptr;
      plug.link->resume();
    });
  }
  CHECK(plug.events.wait_for("closed"));
  CHECK(plug.received(3) == "BYE");
  CHECK(here.counters.socket_error.value() == 0);
}

TEST_CASE("a layer that fails ends the connection and is counted; the peer "
          "reads why") {
  net_fixture here;
  auto pair = make_tcp_pair();
  layered_plug plug{here, std::move(pair.ours)};
  plug.start();
  pair.theirs.send("Hgo*");
  CHECK(plug.events.wait_for("closed"));
  CHECK(plug.received(2) == "GO");
  CHECK(pair.theirs.receive_rest() == "hbad");
  CHECK(faults(here, transport_fault::malformed) == 1);
  CHECK(faults(here, transport_fault::foreign) == 0);
}

TEST_CASE("a handler may destroy the connection when its layer failed") {
  net_fixture here;
  auto pair = make_tcp_pair();
  layered_plug plug{here, std::move(pair.ours)};
  plug.closed_hook = [&] { plug.link.reset(); };
  plug.start();
  pair.theirs.send("H*");
  CHECK(plug.events.wait_for("closed"));
  CHECK(pair.theirs.receive_rest() == "hbad");
}

TEST_CASE("a connection that closes gracefully says so in the layers' form, "
          "behind its output") {
  net_fixture here;
  auto pair = make_tcp_pair();
  layered_plug plug{here, std::move(pair.ours)};
  plug.start();
  pair.theirs.send("Hx");
  CHECK(plug.received(1) == "X");
  plug.run([&] {
    plug.output.tail().append("last");
    plug.link->close_gracefully();
  });
  CHECK(pair.theirs.receive_rest() == "hLAST~");
}

TEST_CASE("layers travel with their socket, and what they have not written "
          "does too") {
  net_fixture here{2};
  auto pair = make_tcp_pair();
  layered_plug first{here, std::move(pair.ours)};
  net::released_socket freed;
  first.input_hook = [&](mqtt::bytes_view&) {
    // Before the answer to the handshake was flushed.
    freed = first.link->release();
    first.events.add("read");
  };
  first.start();
  pair.theirs.send("Hone");
  REQUIRE(first.events.wait_for("read"));
  REQUIRE(freed.layered);
  CHECK(freed.layered->down.size() == 1);
  plugged second{here, here.pool[1], std::move(freed.socket)};
  second.run([&] { second.link->use(std::move(freed.layered), nullptr); });
  second.start(std::move(freed.unread));
  pair.theirs.send("two");
  CHECK(second.received(3) == "TWO");
  second.write("answer");
  CHECK(pair.theirs.receive(7) == "hANSWER");
}

} // namespace connection_layer_test
