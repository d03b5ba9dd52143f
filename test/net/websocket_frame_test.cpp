#include "actors/net/websocket/frame.hpp"

#include "test/support/hex.hpp"
#include "test/support/websocket_bytes.hpp"

#include <doctest/doctest.h>

#include <random>
#include <string>

namespace websocket_frame_test {

using namespace hetzel;
using namespace hetzel::net::websocket;
using namespace std::string_literals;
using test::client_frame;

namespace {

/// The header of `bytes`; every shorter beginning must ask for more.
header_read whole(const std::string& bytes) {
  const auto read = read_client_header(bytes);
  REQUIRE(read);
  REQUIRE(*read);
  for (std::size_t size = 0; size < (*read)->size; ++size) {
    CAPTURE(size);
    const auto shorter = read_client_header(bytes.substr(0, size));
    REQUIRE(shorter);
    CHECK_FALSE(*shorter);
  }
  return **read;
}

bool is_refused(std::string_view notation) {
  const auto read = read_client_header(test::hex(notation));
  return !read && read.error() == close_code::protocol_error;
}

} // namespace

TEST_CASE("the example of RFC 6455, 5.7: a masked text message") {
  auto bytes = test::hex("81 85 37 fa 21 3d 7f 9f 4d 51 58");
  const auto [header, size] = whole(bytes);
  CHECK(size == 6);
  CHECK(header.kind == opcode::text);
  CHECK(header.is_last);
  CHECK(header.size == 5);
  apply_mask(bytes.data() + size, 5, header.key, 0);
  CHECK(bytes.substr(size) == "Hello");
}

TEST_CASE("a frame's size may have one, two or eight bytes") {
  for (const std::size_t size : {0, 1, 125, 126, 127, 65'535, 65'536, 70'000}) {
    CAPTURE(size);
    const auto [header, header_size]
      = whole(client_frame{}.with(std::string(size, 'x')));
    CHECK(header.size == size);
    CHECK(header_size == (size < 126 ? 6U : size < 65'536 ? 8U : 14U));
    CHECK(header.kind == opcode::binary);
  }
  CHECK(whole(test::hex("82 ff 7fffffff ffffffff 01020304")).header.size
        == 0x7FFF'FFFF'FFFF'FFFF);
}

TEST_CASE("a size that is not said in the shortest way is refused (5.2)") {
  CHECK(is_refused("82 fe 007d 01020304"));
  CHECK(is_refused("82 ff 00000000 0000ffff 01020304"));
  CHECK(is_refused("82 ff 80000000 00000000 01020304"));
}

TEST_CASE("a frame of a client that is not masked is refused (5.1), as soon as "
          "that is seen") {
  CHECK(is_refused("82 00"));
  CHECK(is_refused("82 7f"));
}

TEST_CASE("reserved bits and unknown kinds of frame are refused (5.2)") {
  for (const char* first : {"a2", "92", "b2", "83", "87", "8b", "8f", "03"}) {
    CAPTURE(first);
    CHECK(is_refused(first));
  }
  // The bit of a compressed message depends on what was agreed on.
  CHECK(whole(test::hex("c2 80 01020304")).header.is_compressed);
}

TEST_CASE("control frames are whole, short and never compressed (5.5)") {
  for (const char* kind : {"8", "9", "a"}) {
    const auto with = [&](const char* fin, const char* rest) {
      return is_refused(std::string{fin} + kind + rest);
    };
    CAPTURE(kind);
    CHECK(with("0", " 80"));
    CHECK(with("c", " 80"));
    CHECK(with("8", " fe"));
    CHECK(with("8", " ff"));
    CHECK_FALSE(with("8", " fd 01020304"));
  }
}

TEST_CASE("a server's header is the shortest there is, and says what it is") {
  const auto header = [](opcode kind, std::uint64_t size, bool deflated) {
    std::string out;
    write_server_header(out, kind, size, deflated);
    return test::to_hex(out);
  };
  CHECK(header(opcode::binary, 0, false) == "82 00");
  CHECK(header(opcode::binary, 125, false) == "82 7D");
  CHECK(header(opcode::binary, 126, false) == "82 7E 00 7E");
  CHECK(header(opcode::binary, 65'535, false) == "82 7E FF FF");
  CHECK(header(opcode::binary, 65'536, true)
        == "C2 7F 00 00 00 00 00 01 00 00");
  CHECK(header(opcode::close, 2, false) == "88 02");
  CHECK(header(opcode::pong, 0, false) == "8A 00");
}

TEST_CASE("a mask goes on where the last piece of the frame ended") {
  std::mt19937 random{7};
  for (int round = 0; round < 200; ++round) {
    const masking_key key{static_cast<unsigned char>(random()),
                          static_cast<unsigned char>(random()),
                          static_cast<unsigned char>(random()),
                          static_cast<unsigned char>(random())};
    std::string plain;
    for (auto size = random() % 100; size > 0; --size)
      plain += static_cast<char>(random());
    auto expected = plain;
    for (std::size_t i = 0; i < expected.size(); ++i)
      expected[i] = static_cast<char>(expected[i] ^ key[i % 4]);
    auto pieces = plain;
    for (std::size_t at = 0; at < pieces.size();) {
      const auto size = std::min(1 + random() % 30, pieces.size() - at);
      apply_mask(pieces.data() + at, size, key, at);
      at += size;
    }
    CHECK(pieces == expected);
  }
}

TEST_CASE("a close frame has nothing in it, or a code that may be sent and a "
          "reason (5.5.1)") {
  const auto answer = [](const std::string& payload) {
    const auto checked = check_close(payload);
    return checked ? 0 : static_cast<int>(checked.error());
  };
  CHECK(answer("") == 0);
  CHECK(answer("\x03") == 1002);
  for (const int code : {1000, 1001, 1002, 1003, 1007, 1011, 1014, 3000, 4999})
    CHECK(answer({static_cast<char>(code >> 8), static_cast<char>(code)}) == 0);
  for (const int code : {0, 999, 1004, 1005, 1006, 1015, 1016, 2999, 5000,
                         65'535})
    CHECK(answer({static_cast<char>(code >> 8), static_cast<char>(code)})
          == 1002);
  CHECK(answer("\x03\xE8" "bye") == 0);
  CHECK(answer("\x03\xE8\xFF"s) == 1007);
}

} // namespace websocket_frame_test
