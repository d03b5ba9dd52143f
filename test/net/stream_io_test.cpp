#include "actors/net/stream_io.hpp"

#include "test/support/net_peer.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <cerrno>
#include <random>
#include <string>

#include <sys/socket.h>

namespace stream_io_test {

using namespace hetzel::net;
using hetzel::mqtt::message;
using hetzel::mqtt::message_ptr;
using hetzel::mqtt::output_buffer;
using hetzel::test::letters;
using hetzel::test::make_local_pair;
using hetzel::test::make_stream_pair;
using hetzel::test::make_tcp_pair;

namespace {

message_ptr make_message(std::size_t size, char letter) {
  const std::string payload(size, letter);
  return message::make({.mountpoint = {},
                        .topic_name = "t",
                        .payload = payload,
                        .properties = {},
                        .expires_at = {}});
}

/// A reference to a payload that is never copied, behind a header that is.
std::string append_shared(output_buffer& output, std::size_t size,
                          char letter) {
  const auto owner = make_message(size, letter);
  output.tail().append("<");
  output.append(owner, owner->payload());
  return "<" + std::string(size, letter);
}

} // namespace

TEST_CASE("what the socket has room for is written and leaves the buffer") {
  auto pair = make_stream_pair();
  output_buffer output;
  output.tail().append("hello");
  const auto outcome = write_some(pair.ours.get(), output);
  CHECK(outcome.result == write_result::drained);
  CHECK(outcome.bytes == 5);
  CHECK(output.empty());
  CHECK(pair.theirs.receive(5) == "hello");
}

TEST_CASE("an empty buffer is drained without asking the socket") {
  output_buffer output;
  const auto outcome = write_some(-1, output);
  CHECK(outcome.result == write_result::drained);
  CHECK(outcome.bytes == 0);
}

TEST_CASE("copied packets and referenced payloads leave in one write") {
  auto pair = make_local_pair(SOCK_SEQPACKET);
  output_buffer output;
  auto wanted = append_shared(output, output_buffer::shared_min_bytes, 'x');
  wanted += append_shared(output, output_buffer::shared_min_bytes, 'y');
  output.tail().append("end");
  wanted += "end";
  CHECK(write_some(pair.ours.get(), output).result == write_result::drained);
  std::string record(2 * wanted.size(), '\0');
  const auto count = ::recv(pair.theirs.descriptor(), record.data(),
                            record.size(), 0);
  REQUIRE(count > 0);
  record.resize(static_cast<std::size_t>(count));
  CHECK(record == wanted);
}

TEST_CASE("more parts than one write can gather are written in order") {
  auto pair = make_stream_pair();
  output_buffer output;
  std::string wanted;
  for (int i = 0; i < 200; ++i)
    wanted += append_shared(output, output_buffer::shared_min_bytes,
                            static_cast<char>('a' + i % 26));
  std::string came;
  while (!output.empty()) {
    const auto outcome = write_some(pair.ours.get(), output);
    REQUIRE(outcome.result != write_result::failed);
    came += pair.theirs.receive(outcome.bytes);
  }
  CHECK((came == wanted));
}

TEST_CASE("a full socket takes a part, then none, and nothing is lost or "
          "written twice") {
  auto pair = make_tcp_pair(true);
  output_buffer output;
  const auto wanted = letters(4'000'000);
  output.tail().append(wanted);
  auto outcome = write_some(pair.ours.get(), output);
  CHECK(outcome.result == write_result::would_block);
  CHECK(outcome.bytes > 0);
  CHECK(outcome.bytes < wanted.size());
  CHECK(output.size() == wanted.size() - outcome.bytes);
  std::string came;
  while (!output.empty()) {
    outcome = write_some(pair.ours.get(), output);
    REQUIRE(outcome.result != write_result::failed);
    came += pair.theirs.receive(std::min<std::size_t>(
      wanted.size() - output.size() - came.size(), 20'000));
  }
  came += pair.theirs.receive(wanted.size() - came.size());
  CHECK(came == wanted);
}

TEST_CASE("any mixture of packets through any reader arrives as it was "
          "written") {
  for (std::uint32_t seed = 1; seed <= 20; ++seed) {
    CAPTURE(seed);
    std::mt19937 random{seed};
    auto pair = make_tcp_pair(true);
    output_buffer output;
    std::string wanted;
    std::string came;
    for (int step = 0; step < 60; ++step) {
      if (random() % 3 == 0) {
        wanted += append_shared(output, 16'000 + random() % 30'000,
                                static_cast<char>('A' + step % 26));
      } else {
        const auto packet = letters(random() % 5'000);
        output.tail().append(packet);
        wanted += packet;
      }
      const auto outcome = write_some(pair.ours.get(), output);
      REQUIRE(outcome.result != write_result::failed);
      if (outcome.result == write_result::would_block)
        came += pair.theirs.receive(1 + random() % 2'000);
    }
    while (!output.empty()) {
      REQUIRE(write_some(pair.ours.get(), output).result
              != write_result::failed);
      const auto under_way = wanted.size() - output.size() - came.size();
      came += pair.theirs.receive(
        std::min<std::size_t>(under_way, 1 + random() % 20'000));
    }
    came += pair.theirs.receive(wanted.size() - came.size());
    CHECK((came == wanted));
  }
}

TEST_CASE("a peer that is gone is an error with its number and no signal") {
  auto pair = make_stream_pair();
  pair.theirs.close();
  output_buffer output;
  output.tail().append("hello");
  const auto outcome = write_some(pair.ours.get(), output);
  CHECK(outcome.result == write_result::failed);
  CHECK(outcome.error == EPIPE);
  CHECK(outcome.bytes == 0);
  CHECK(output.size() == 5);
}

TEST_CASE("a gathered write to a peer that is gone is an error too") {
  auto pair = make_stream_pair();
  pair.theirs.close();
  output_buffer output;
  append_shared(output, output_buffer::shared_min_bytes, 'x');
  const auto outcome = write_some(pair.ours.get(), output);
  CHECK(outcome.result == write_result::failed);
  CHECK(outcome.error == EPIPE);
}

} // namespace stream_io_test
