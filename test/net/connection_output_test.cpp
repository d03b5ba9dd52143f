#include "actors/net/connection.hpp"

#include "test/support/net_fixture.hpp"

#include <doctest/doctest.h>

#include <string>

#include <sys/socket.h>

namespace connection_output_test {

using namespace hetzel;
using hetzel::test::letters;
using hetzel::test::make_local_pair;
using hetzel::test::make_tcp_pair;
using hetzel::test::net_fixture;
using hetzel::test::plugged;

TEST_CASE("what is written within one tick leaves in one write") {
  net_fixture here;
  auto pair = make_local_pair(SOCK_SEQPACKET);
  plugged plug{here, std::move(pair.ours)};
  plug.run([&] {
    for (const char* part : {"one ", "two ", "three"}) {
      plug.output.tail().append(part);
      plug.link->flush_soon();
    }
  });
  char record[64] = {};
  const auto count = ::recv(pair.theirs.descriptor(), record, sizeof record, 0);
  REQUIRE(count > 0);
  CHECK(std::string(record, static_cast<std::size_t>(count))
        == "one two three");
  plug.run([] {});
  CHECK(here.counters.bytes_sent.value() == 13);
}

TEST_CASE("on_flushed comes once, when all is written, and only when asked "
          "for") {
  net_fixture here;
  auto pair = make_tcp_pair();
  plugged plug{here, std::move(pair.ours)};
  plug.write("unasked");
  CHECK(pair.theirs.receive(7) == "unasked");
  plug.run([&] { plug.link->notify_when_flushed(); });
  plug.write("asked");
  REQUIRE(plug.events.wait_for("flushed"));
  plug.write("again");
  CHECK(pair.theirs.receive(10) == "askedagain");
  plug.run([] {});
  CHECK(plug.events.text() == "flushed");
}

TEST_CASE("a peer that does not read leaves the output with its owner, who can "
          "see its size") {
  net_fixture here;
  auto pair = make_tcp_pair(true);
  plugged plug{here, std::move(pair.ours)};
  plug.start();
  const auto sent = letters(3'000'000);
  plug.run([&] { plug.link->notify_when_flushed(); });
  plug.write(sent);
  // It is still read from: only writing waits.
  pair.theirs.send("alive");
  CHECK(plug.received(5) == "alive");
  plug.run([&] {
    CHECK(plug.output.size() > 0);
    CHECK(plug.output.size() + here.counters.bytes_sent.value() == sent.size());
  });
  CHECK(plug.events.text().empty());

  CHECK((pair.theirs.receive(sent.size()) == sent));
  CHECK(plug.events.wait_for("flushed"));
  plug.run([&] { CHECK(plug.output.empty()); });
}

TEST_CASE("while the socket is full, asking for a flush costs nothing") {
  net_fixture here;
  auto pair = make_tcp_pair(true);
  plugged plug{here, std::move(pair.ours)};
  const auto sent = letters(3'000'000);
  plug.write(sent);
  plug.run([] {});
  const auto before = here.home().counters().flushes;
  for (int i = 0; i < 10; ++i)
    plug.write("!");
  plug.run([] {});
  CHECK(here.home().counters().flushes == before);
  CHECK((pair.theirs.receive(sent.size() + 10) == sent + "!!!!!!!!!!"));
}

} // namespace connection_output_test
