#include "actors/net/lingering_close.hpp"

#include "test/support/net_fixture.hpp"

#include <doctest/doctest.h>

#include <string>
#include <vector>

namespace lingering_close_test {

using namespace hetzel;
using hetzel::net::linger;
using hetzel::net::linger_time;
using hetzel::net::lingering_max;
using hetzel::test::make_stream_pair;
using hetzel::test::make_tcp_pair;
using hetzel::test::net_fixture;
using hetzel::test::socket_pair;

namespace {

mqtt::output_buffer holding(std::string_view bytes) {
  mqtt::output_buffer result;
  result.tail().append(bytes);
  return result;
}

void linger_on(net_fixture& here, net::socket_handle& socket,
               std::string_view last) {
  here.run([&] {
    linger(here.home(), std::move(socket), holding(last), here.counters);
  });
}

bool all_are_gone(net_fixture& here) {
  return here.eventually(
    [&] { return here.counters.lingering.value() == 0; });
}

mqtt::time_point now() {
  return std::chrono::steady_clock::now();
}

} // namespace

TEST_CASE("the last bytes arrive although the peer's were left unread") {
  net_fixture here;
  auto pair = make_tcp_pair();
  // A plain close would answer these with a reset that overtakes our last.
  pair.theirs.send("never read");
  linger_on(here, pair.ours, "because");
  CHECK(pair.theirs.receive(7) == "because");
  CHECK(pair.theirs.end() == "closed");
  CHECK(here.counters.bytes_sent.value() == 7);
}

TEST_CASE("what the peer still sends is discarded until it closes, then the "
          "socket is gone") {
  net_fixture here;
  auto pair = make_tcp_pair();
  linger_on(here, pair.ours, "bye");
  CHECK(pair.theirs.receive_rest() == "bye");
  CHECK(here.counters.lingering.value() == 1);
  for (int i = 0; i < 50; ++i)
    pair.theirs.send(std::string(20'000, 'x'));
  CHECK(here.counters.lingering.value() == 1);
  pair.theirs.close();
  CHECK(all_are_gone(here));
  CHECK(here.counters.bytes_received.value() == 0);
}

TEST_CASE("without last bytes the peer hears of the end at once") {
  net_fixture here;
  auto pair = make_tcp_pair();
  linger_on(here, pair.ours, "");
  CHECK(pair.theirs.end() == "closed");
}

TEST_CASE("more than the socket takes at once is written as the peer reads") {
  net_fixture here;
  auto pair = make_tcp_pair(true);
  const std::string last(2'000'000, 'x');
  linger_on(here, pair.ours, last);
  CHECK((pair.theirs.receive_rest() == last));
  pair.theirs.close();
  CHECK(all_are_gone(here));
}

TEST_CASE("peers that neither read nor close are cut off after linger_time") {
  net_fixture here;
  auto silent = make_tcp_pair();
  auto unread = make_tcp_pair(true);
  const auto start = now();
  linger_on(here, silent.ours, "bye");
  linger_on(here, unread.ours, std::string(2'000'000, 'x'));
  CHECK(here.counters.lingering.value() == 2);
  REQUIRE(all_are_gone(here));
  CHECK(now() - start >= linger_time);
  CHECK(silent.theirs.receive_rest() == "bye");
  // What it had not taken by then is lost, and it can tell.
  CHECK(unread.theirs.receive_rest().size() < 2'000'000);
}

TEST_CASE("a peer that is gone already costs nothing") {
  net_fixture here;
  auto pair = make_stream_pair();
  pair.theirs.close();
  linger_on(here, pair.ours, "anyone?");
  CHECK(here.counters.lingering.value() == 0);
}

TEST_CASE("a peer that resets ends it") {
  net_fixture here;
  auto pair = make_tcp_pair();
  linger_on(here, pair.ours, "bye");
  pair.theirs.reset();
  CHECK(all_are_gone(here));
}

TEST_CASE("beyond lingering_max a socket is closed at once, with what it takes "
          "at once, and counted") {
  net_fixture here;
  here.run([&] { here.counters.lingering.add(lingering_max); });
  auto pair = make_stream_pair();
  linger_on(here, pair.ours, "bye");
  CHECK(pair.theirs.receive_rest() == "bye");
  CHECK(here.counters.lingering.value() == lingering_max);
  CHECK(here.counters.lingering_cut.value() == 1);
  here.run([&] { here.counters.lingering.subtract(lingering_max); });
}

TEST_CASE("a reactor may stop while sockets linger on it") {
  std::vector<socket_pair> pairs;
  {
    net_fixture here;
    for (int i = 0; i < 3; ++i) {
      pairs.push_back(make_tcp_pair(true));
      linger_on(here, pairs.back().ours,
                i == 0 ? "bye" : std::string(1'000'000, 'x'));
    }
    CHECK(here.counters.lingering.value() == 3);
  }
  for (auto& pair : pairs) {
    pair.theirs.receive_rest();
    CHECK(pair.theirs.end() != "silent");
  }
}

} // namespace lingering_close_test
