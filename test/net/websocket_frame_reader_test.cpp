#include "actors/net/websocket/frame_reader.hpp"

#include "test/support/hex.hpp"
#include "test/support/net_peer.hpp"
#include "test/support/websocket_bytes.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <random>
#include <string>
#include <vector>

namespace websocket_frame_reader_test {

using namespace hetzel;
using namespace hetzel::net::websocket;
using test::client_frame;
using test::client_message;
using step = frame_reader::step;

namespace {

/// A reader with what it said so far: payloads, and "ping:…", "close:…",
/// "failed:…".
struct stand {
  explicit stand(frame_limits limits = {}) : reader(limits) {}

  /// False once nothing may follow.
  bool read(std::string_view bytes) {
    mqtt::bytes_view received = bytes;
    reader.begin_read();
    for (;;) {
      switch (reader.next(received, up)) {
        case step::drained:
          CHECK(received.empty());
          return true;
        case step::ping:
          events.push_back("ping:" + std::string{reader.control()});
          break;
        case step::close:
          events.push_back("close:" + std::string{reader.control()});
          return false;
        case step::failed:
          events.push_back(
            "failed:" + std::to_string(static_cast<int>(reader.fault())));
          return false;
      }
    }
  }

  frame_reader reader;
  std::string up;
  std::vector<std::string> events;
};

std::string fault_of(std::string_view bytes, frame_limits limits = {}) {
  stand s{limits};
  CHECK_FALSE(s.read(bytes));
  REQUIRE(s.events.size() == 1);
  return s.events[0];
}

std::string ping(std::string_view payload) {
  return client_frame{.kind = opcode::ping}.with(payload);
}

std::string text(std::string_view payload) {
  return client_frame{.kind = opcode::text}.with(payload);
}

} // namespace

TEST_CASE("MQTT is a stream in binary messages: where they end says nothing "
          "[MQTT-6.0.0-2]") {
  stand s;
  CHECK(s.read(client_message("one", {1}) + client_message("two", {3})));
  CHECK(s.read(client_message("", {1}) + client_message("three", {2, 0, 1})));
  CHECK(s.up == "onetwothree");
  CHECK(s.events.empty());
}

TEST_CASE("bytes of a frame pass before the frame has ended") {
  stand s;
  const auto bytes = client_frame{}.with(test::letters(1'000'000));
  CHECK(s.read(std::string_view{bytes}.substr(0, 15)));
  CHECK(s.up == "a");
  CHECK(s.read(std::string_view{bytes}.substr(15, 2)));
  CHECK(s.up == "abc");
}

TEST_CASE("frames come whole in one read, byte by byte, and cut anywhere") {
  const auto bytes = client_message(test::letters(300), {7, 0, 200})
                     + ping("still there?") + client_message("end", {9});
  stand whole;
  CHECK(whole.read(bytes));
  CHECK(whole.up == test::letters(300) + "end");
  CHECK(whole.events == std::vector<std::string>{"ping:still there?"});
  stand slow;
  for (const char byte : bytes)
    CHECK(slow.read({&byte, 1}));
  CHECK(slow.up == whole.up);
  CHECK(slow.events == whole.events);
  for (std::size_t cut = 0; cut < bytes.size(); ++cut) {
    CAPTURE(cut);
    stand s;
    CHECK(s.read(std::string_view{bytes}.substr(0, cut)));
    CHECK(s.read(std::string_view{bytes}.substr(cut)));
    CHECK(s.up == whole.up);
    CHECK(s.events == whole.events);
  }
}

TEST_CASE("any messages in any frames in any reads are the bytes that were "
          "sent") {
  for (std::uint32_t seed = 1; seed <= 60; ++seed) {
    CAPTURE(seed);
    std::mt19937 random{seed};
    std::string sent;
    std::string bytes;
    std::vector<std::string> pings;
    for (int i = 0; i < 30; ++i) {
      const std::size_t lengths[]
        = {random() % 10, 120 + random() % 10, 65'530 + random() % 10,
           random() % 3'000};
      const auto content = test::letters(lengths[random() % 4]);
      const std::vector<std::size_t> sizes{1 + random() % 70'000,
                                           random() % 200, random() % 9};
      sent += content;
      bytes += client_message(content, sizes);
      if (random() % 3 == 0) {
        pings.push_back("ping:" + std::string(random() % 126, 'p'));
        bytes += ping(std::string_view{pings.back()}.substr(5));
      }
    }
    stand s;
    for (std::string_view rest = bytes; !rest.empty();) {
      const std::size_t pieces[] = {1 + random() % 3, 1 + random() % 300,
                                    1 + random() % 131'072};
      const auto piece = rest.substr(0, pieces[random() % 3]);
      REQUIRE(s.read(piece));
      rest.remove_prefix(piece.size());
    }
    CHECK((s.up == sent));
    CHECK(s.events == pings);
  }
}

TEST_CASE("a ping may come between the frames of a message (5.4), a pong is "
          "nothing to answer") {
  stand s;
  CHECK(s.read(client_frame{.is_last = false}.with("ab")));
  CHECK(s.read(ping("")));
  CHECK(s.read(client_frame{.kind = opcode::pong}.with("unasked")));
  CHECK(s.read(
    client_frame{.kind = opcode::continuation, .is_last = false}.with("cd")));
  CHECK(s.read(ping(std::string(125, 'x'))));
  CHECK(s.read(client_frame{.kind = opcode::continuation}.with("ef")));
  CHECK(s.up == "abcdef");
  CHECK(s.events
        == std::vector<std::string>{"ping:", "ping:" + std::string(125, 'x')});
}

TEST_CASE("what stands in front of a close passes, nothing behind it") {
  stand s;
  CHECK_FALSE(s.read(client_message("last words", {4})
                     + client_frame{.kind = opcode::close}.with("\x03\xE8")
                     + client_message("ghost", {9})));
  CHECK(s.up == "last words");
  CHECK(s.events == std::vector<std::string>{"close:\x03\xE8"});
}

TEST_CASE("text is refused with 1003: MQTT is binary [MQTT-6.0.0-1]") {
  CHECK(fault_of(text("hello")) == "failed:1003");
  CHECK(fault_of(text("")) == "failed:1003");
  const auto bytes = text("hello");
  // As soon as the header is there.
  CHECK(fault_of(std::string_view{bytes}.substr(0, 6)) == "failed:1003");
}

TEST_CASE("a frame that is not masked is refused with 1002 (5.1)") {
  CHECK(fault_of(client_frame{.is_masked = false}.with("x")) == "failed:1002");
}

TEST_CASE("messages do not interleave (5.4)") {
  const auto begun = client_frame{.is_last = false}.with("a");
  CHECK(fault_of(begun + client_frame{}.with("b")) == "failed:1002");
  CHECK(fault_of(client_frame{.kind = opcode::continuation}.with("b"))
        == "failed:1002");
  CHECK(fault_of(client_message("whole", {2})
                 + client_frame{.kind = opcode::continuation}.with("b"))
        == "failed:1002");
}

TEST_CASE("a frame that is larger than the limit is refused with 1009 by its "
          "header") {
  const frame_limits limits{.size_max = 1'000};
  stand s{limits};
  CHECK(s.read(client_frame{}.with(std::string(1'000, 'x'))));
  CHECK(s.read(client_message(std::string(5'000, 'x'), {900})));
  CHECK(fault_of(test::hex("82 fe 03e9 01020304"), limits) == "failed:1009");
  CHECK(fault_of(test::hex("82 ff 7fffffff ffffffff 01020304"), limits)
        == "failed:1009");
}

TEST_CASE("a compressed message is refused with 1002 when that was not agreed "
          "on") {
  CHECK(fault_of(client_frame{.reserved_bits = 0x40}.with("x"))
        == "failed:1002");
}

} // namespace websocket_frame_reader_test
