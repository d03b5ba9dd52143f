#include "actors/net/websocket/deflater.hpp"
#include "actors/net/websocket/frame_reader.hpp"
#include "actors/net/websocket/inflater.hpp"
#include "test/support/hex.hpp"
#include "test/support/net_peer.hpp"
#include "test/support/websocket_bytes.hpp"

#include <doctest/doctest.h>

#include <random>
#include <string>
#include <vector>

namespace websocket_deflate_test {

using namespace hetzel;
using namespace hetzel::net::websocket;
using test::client_frame;

namespace {

std::string deflated(std::string_view content, int window_bits = 15) {
  mqtt::output_buffer output;
  output.tail() = content;
  const auto part = deflate(output, content.size(), window_bits);
  CHECK(part.size == content.size());
  CHECK(output.size() == content.size());
  return std::string{part.bytes};
}

std::string inflated(std::string_view bytes, std::size_t size_max = 1 << 20) {
  inflater one;
  std::string out;
  REQUIRE(one.write(bytes, out, size_max) == inflater::outcome::done);
  REQUIRE(one.finish(out, size_max - out.size()) == inflater::outcome::done);
  return out;
}

constexpr unsigned compressed = 0x40;

const frame_limits agreed{.is_compressed = true, .inflated_max = 1 << 20};

/// What a reader says to `bytes` in one read: "drained", or the code.
std::string answer(frame_reader& reader, std::string_view bytes,
                   std::string& up) {
  mqtt::bytes_view received = bytes;
  reader.begin_read();
  if (reader.next(received, up) == frame_reader::step::drained)
    return "drained";
  return std::to_string(static_cast<int>(reader.fault()));
}

std::string answer(std::string_view bytes, frame_limits limits = agreed) {
  frame_reader reader{limits};
  std::string up;
  return answer(reader, bytes, up);
}

} // namespace

TEST_CASE("the examples of RFC 7692, 7.2.3, inflate") {
  using test::hex;
  CHECK(inflated(hex("f2 48 cd c9 c9 07 00")) == "Hello");
  // Without compression, with two blocks, and with one that says it is last.
  CHECK(inflated(hex("00 05 00 fa ff 48 65 6c 6c 6f 00")) == "Hello");
  CHECK(inflated(hex("f2 48 05 00 00 00 ff ff ca c9 c9 07 00")) == "Hello");
  CHECK(inflated(hex("f3 48 cd c9 c9 07 00 00")) == "Hello");
  CHECK(inflated(hex("00")).empty());
}

TEST_CASE("what is deflated inflates to the same, whatever it is and however "
          "wide the window") {
  std::mt19937 random{3};
  for (int bits = 9; bits <= 15; ++bits) {
    CAPTURE(bits);
    std::string noise;
    for (int i = 0; i < 70'000; ++i)
      noise += static_cast<char>(random());
    CHECK((inflated(deflated(noise, bits)) == noise));
    const auto plain = test::letters(200'000);
    CHECK((inflated(deflated(plain, bits)) == plain));
    CHECK(deflated(plain, bits).size() < 20'000);
    CHECK(inflated(deflated("x", bits)) == "x");
  }
}

TEST_CASE("each message is deflated without the ones before it") {
  const auto content = test::letters(5'000);
  CHECK(deflated(content) == deflated(content));
}

TEST_CASE("only as much as may be sent is deflated") {
  mqtt::output_buffer output;
  output.tail() = test::letters(1'000);
  const auto part = deflate(output, 100, 15);
  CHECK(part.size == 100);
  CHECK(inflated(part.bytes) == test::letters(100));
}

TEST_CASE("a compressed message inflates in any frames and reads, between "
          "plain ones") {
  const auto content = test::letters(20'000);
  const auto bytes = deflated(content);
  for (const std::size_t frame_size : {1U, 7U, 5'000U}) {
    std::string stream = client_frame{}.with("plain ");
    for (std::size_t at = 0; at < bytes.size(); at += frame_size)
      stream += client_frame{
        .kind = at == 0 ? opcode::binary : opcode::continuation,
        .is_last = at + frame_size >= bytes.size(),
        .reserved_bits = at == 0 ? compressed : 0,
      }.with(std::string_view{bytes}.substr(at, frame_size));
    stream += client_frame{}.with(" plain");
    for (const std::size_t read_size : {1U, 13U, 100'000U}) {
      CAPTURE(frame_size);
      CAPTURE(read_size);
      frame_reader reader{agreed};
      std::string up;
      for (std::size_t at = 0; at < stream.size(); at += read_size)
        REQUIRE(answer(reader, std::string_view{stream}.substr(at, read_size),
                       up)
                == "drained");
      CHECK((up == "plain " + content + " plain"));
    }
  }
}

TEST_CASE("only the first frame of a message says that it is compressed") {
  CHECK(answer(client_frame{.is_last = false, .reserved_bits = compressed}.with(
                 deflated("x"))
               + client_frame{.kind = opcode::continuation,
                              .reserved_bits = compressed}
                   .with(""))
        == "1002");
}

TEST_CASE("what does not inflate is refused with 1007") {
  CHECK(answer(client_frame{.reserved_bits = compressed}.with("\xFF\xFF\xFF"))
        == "1007");
}

TEST_CASE("a small message that inflates to a huge one is refused with 1009, "
          "and no more memory is used than allowed") {
  const auto bomb = deflated(std::string(4 << 20, '\0'));
  REQUIRE(bomb.size() < 20'000);
  const auto bytes = client_frame{.reserved_bits = compressed}.with(bomb);
  frame_reader reader{agreed};
  std::string up;
  CHECK(answer(reader, bytes, up) == "1009");
  CHECK(up.size() <= agreed.inflated_max);
}

TEST_CASE("the limit is for all that one read brings, not for each message") {
  const auto half = client_frame{.reserved_bits = compressed}.with(
    deflated(std::string(600'000, '\0')));
  CHECK(answer(half + half) == "1009");
  frame_reader reader{agreed};
  std::string up;
  for (int i = 0; i < 5; ++i)
    CHECK(answer(reader, half, up) == "drained");
  CHECK(up.size() == 3'000'000);
}

} // namespace websocket_deflate_test
