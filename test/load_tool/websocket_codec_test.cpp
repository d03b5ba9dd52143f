#include "test/load/websocket_codec.hpp"

#include <doctest/doctest.h>

#include <string>

namespace websocket_codec_test {

using namespace hetzel::test::load;

namespace {

const std::string agreement = "HTTP/1.1 101 Switching Protocols\r\n\r\n";

std::string frame(const std::string& payload) {
  std::string out = "\x82";
  if (payload.size() < 126) {
    out += static_cast<char>(payload.size());
  } else {
    out += '\x7E';
    out += static_cast<char>(payload.size() >> 8);
    out += static_cast<char>(payload.size() & 0xFF);
  }
  return out + payload;
}

} // namespace

TEST_CASE("packets wait for the server's agreement, then leave in one masked "
          "frame") {
  websocket_codec codec;
  CHECK(codec.wire().starts_with("GET /mqtt HTTP/1.1\r\n"));
  codec.wire().clear();
  std::string packets = "abc";
  codec.wrap(packets);
  CHECK(codec.wire().empty());
  CHECK(packets == "abc");
  auto answer = agreement;
  CHECK(codec.unwrap(answer.data(), answer.size()) == 0);
  CHECK(codec.is_open());
  codec.wrap(packets);
  CHECK(packets.empty());
  CHECK(codec.wire() == std::string("\x82\x83\0\0\0\0abc", 9));
}

TEST_CASE("payloads are what is left of any pieces of frames") {
  const std::string large(300, 'x');
  const auto all = agreement + frame("one") + frame("") + frame(large)
                   + frame("two");
  for (std::size_t piece = 1; piece <= all.size(); ++piece) {
    CAPTURE(piece);
    websocket_codec codec;
    std::string got;
    for (std::size_t at = 0; at < all.size(); at += piece) {
      auto bytes = all.substr(at, piece);
      const auto kept = codec.unwrap(bytes.data(), bytes.size());
      REQUIRE(kept);
      got += bytes.substr(0, *kept);
    }
    CHECK(got == "one" + large + "two");
  }
}

TEST_CASE("a refusal and a close end it") {
  websocket_codec refused;
  std::string answer = "HTTP/1.1 404 Not Found\r\n\r\n";
  CHECK_FALSE(refused.unwrap(answer.data(), answer.size()));
  websocket_codec closed;
  answer = agreement + "\x88\x02\x03\xE8";
  CHECK_FALSE(closed.unwrap(answer.data(), answer.size()));
}

} // namespace websocket_codec_test
