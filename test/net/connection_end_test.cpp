#include "actors/net/connection.hpp"

#include "test/support/net_fixture.hpp"

#include <doctest/doctest.h>

#include <string>

namespace connection_end_test {

using namespace hetzel;
using hetzel::test::letters;
using hetzel::test::make_stream_pair;
using hetzel::test::make_tcp_pair;
using hetzel::test::net_fixture;
using hetzel::test::plugged;

TEST_CASE("a peer's end is reported once, after its last bytes") {
  net_fixture here;
  auto pair = make_tcp_pair();
  pair.theirs.send("bye");
  pair.theirs.close();
  plugged plug{here, std::move(pair.ours)};
  plug.start();
  REQUIRE(plug.events.wait_for("closed"));
  CHECK(plug.received(3) == "bye");
  CHECK(plug.events.text() == "closed");
  CHECK(here.counters.socket_error.value() == 0);
}

TEST_CASE("a peer that only sends no more has ended, too") {
  net_fixture here;
  auto pair = make_tcp_pair();
  plugged plug{here, std::move(pair.ours)};
  plug.start();
  pair.theirs.finish();
  CHECK(plug.events.wait_for("closed"));
}

TEST_CASE("a reset is an end and counts as an error") {
  net_fixture here;
  auto pair = make_tcp_pair();
  plugged plug{here, std::move(pair.ours)};
  plug.start();
  pair.theirs.reset();
  REQUIRE(plug.events.wait_for("closed"));
  CHECK(here.counters.socket_error.value() == 1);
}

TEST_CASE("a reset is noticed while writing waits, also by who has paused") {
  net_fixture here;
  auto pair = make_tcp_pair(true);
  plugged plug{here, std::move(pair.ours)};
  plug.closed_hook = [&] { plug.link.reset(); };
  plug.start();
  plug.run([&] { plug.link->pause(); });
  plug.write(letters(3'000'000));
  pair.theirs.reset();
  REQUIRE(plug.events.wait_for("closed"));
  CHECK(here.counters.socket_error.value() == 1);
}

TEST_CASE("writing to a peer that is gone is an end of the connection") {
  net_fixture here;
  auto pair = make_stream_pair();
  plugged plug{here, std::move(pair.ours)};
  plug.closed_hook = [&] { plug.link.reset(); };
  // Not started: only the write can notice.
  pair.theirs.close();
  plug.write("hello?");
  REQUIRE(plug.events.wait_for("closed"));
  CHECK(here.counters.socket_error.value() == 1);
  CHECK(here.home().counters().failures == 0);
}

TEST_CASE("whoever owns a connection may destroy it in any of its calls") {
  net_fixture here;
  SUBCASE("for bytes that were read") {
    auto pair = make_tcp_pair();
    plugged plug{here, std::move(pair.ours)};
    plug.input_hook = [&](mqtt::bytes_view&) { plug.link.reset(); };
    plug.start();
    pair.theirs.send("last words");
    CHECK(pair.theirs.end() == "closed");
  }
  SUBCASE("for bytes that somebody else had read") {
    auto pair = make_tcp_pair();
    plugged plug{here, std::move(pair.ours)};
    plug.input_hook = [&](mqtt::bytes_view&) { plug.link.reset(); };
    plug.start("last words");
    CHECK(pair.theirs.end() == "closed");
  }
  SUBCASE("for bytes that waited for the resume") {
    auto pair = make_tcp_pair();
    plugged plug{here, std::move(pair.ours)};
    plug.input_hook = [&](mqtt::bytes_view&) { plug.link.reset(); };
    plug.run([&] {
      plug.link->pause();
      plug.link->start("last words");
      plug.link->resume();
    });
    CHECK(pair.theirs.end() == "closed");
  }
  SUBCASE("for the end of the output") {
    auto pair = make_tcp_pair();
    plugged plug{here, std::move(pair.ours)};
    plug.flushed_hook = [&] { plug.link.reset(); };
    plug.run([&] { plug.link->notify_when_flushed(); });
    plug.write("last");
    CHECK(pair.theirs.receive_rest() == "last");
  }
  SUBCASE("for the peer's end") {
    auto pair = make_tcp_pair();
    plugged plug{here, std::move(pair.ours)};
    plug.closed_hook = [&] { plug.link.reset(); };
    plug.start();
    pair.theirs.close();
    CHECK(plug.events.wait_for("closed"));
  }
  CHECK(here.home().counters().failures == 0);
}

TEST_CASE("a closed connection reports nothing more, not even what its socket "
          "had ready") {
  net_fixture here;
  auto pair = make_stream_pair();
  plugged plug{here, std::move(pair.ours)};
  plug.run([&] {
    plug.link->start({});
    plug.output.tail().append("unsent");
    plug.link->notify_when_flushed();
    plug.link->flush_soon();
    pair.theirs.send("unread");
    plug.link->close();
    plug.link->close();
    plug.link->flush_soon();
    plug.link->resume();
    plug.link->close_gracefully();
  });
  // A reset, where the system has one to send: input was left unread.
  CHECK(pair.theirs.end() != "silent");
  plug.run([] {});
  plug.run([] {});
  CHECK(plug.events.text().empty());
  CHECK(plug.input.empty());
  CHECK(here.counters.bytes_sent.value() == 0);
}

TEST_CASE("closing gracefully still writes what is in the output") {
  net_fixture here;
  auto pair = make_tcp_pair(true);
  plugged plug{here, std::move(pair.ours)};
  plug.start();
  const auto last = letters(500'000);
  plug.run([&] {
    plug.output.tail().append(last);
    plug.link->close_gracefully();
    CHECK(plug.output.empty());
  });
  CHECK((pair.theirs.receive_rest() == last));
  pair.theirs.close();
  REQUIRE(
    here.eventually([&] { return here.counters.lingering.value() == 0; }));
  CHECK(plug.events.text().empty());
}

TEST_CASE("a connection may be closed gracefully while it reads") {
  net_fixture here;
  auto pair = make_tcp_pair();
  plugged plug{here, std::move(pair.ours)};
  plug.input_hook = [&](mqtt::bytes_view&) {
    plug.output.tail().append("no");
    plug.link->close_gracefully();
  };
  plug.start();
  pair.theirs.send("please");
  CHECK(pair.theirs.receive_rest() == "no");
}

} // namespace connection_end_test
