#include "cluster/broadcast/broadcast_codec.hpp"
#include "test/support/hex.hpp"

#include <doctest/doctest.h>

#include <string>
#include <vector>

namespace broadcast_codec_test {

using namespace hetzel::cluster;
using hetzel::test::hex;
using hetzel::test::to_hex;

namespace {

constexpr actor_id a{0x11};
constexpr actor_id b{0x22};

digest some_digest() {
  digest m{0x0807060504030201, generation{5}, {}};
  node_clock clock;
  clock.add(a, {1, 300});
  clock.add(b, {4, 9});
  m.entries.push_back({shard_no{2}, clock, {}, 1000});
  m.entries.push_back({shard_no{9}, clock, version_vector{{a, 299}}, 0});
  return m;
}

std::vector<broadcast_message> all_messages() {
  return {prune{store_id{0xABCD}}, graft{store_id{1}}, digest{},
          some_digest()};
}

errc fault_of(std::string_view bytes) {
  auto message = decode_broadcast(bytes);
  return message ? errc::none : message.error();
}

} // namespace

TEST_CASE("prunes, grafts and digests have exactly these bytes") {
  CHECK(to_hex(encode_broadcast(prune{store_id{0xABCD}}))
        == "01 50 CD AB 00 00 00 00 00 00");
  CHECK(to_hex(encode_broadcast(graft{store_id{0xABCD}}))
        == "01 47 CD AB 00 00 00 00 00 00");
  CHECK(to_hex(encode_broadcast(some_digest()))
        == "01 44 01 02 03 04 05 06 07 08 05 00 00 00 02 "
           "02 02 11 00 00 00 00 00 00 00 AC 02 00 "
           "22 00 00 00 00 00 00 00 00 01 04 06 00 E8 07 "
           "09 02 11 00 00 00 00 00 00 00 AC 02 00 "
           "22 00 00 00 00 00 00 00 00 01 04 06 "
           "01 01 11 00 00 00 00 00 00 00 AB 02 00");
}

TEST_CASE("broadcast messages survive a round trip, and no prefix of one is a "
          "message") {
  for (auto& message : all_messages()) {
    auto bytes = encode_broadcast(message);
    auto back = decode_broadcast(bytes);
    REQUIRE(back.has_value());
    CHECK(*back == message);
    for (std::size_t size = 0; size < bytes.size(); ++size)
      CHECK(fault_of(bytes.substr(0, size)) != errc::none);
    CHECK(fault_of(bytes + '\0') == errc::malformed);
  }
}

TEST_CASE("a broadcast message of a later version is told from a broken one") {
  auto bytes = encode_broadcast(some_digest());
  bytes[0] = 2;
  CHECK(fault_of(bytes) == errc::unknown_version);
  bytes[0] = 1;
  bytes[1] = 'X';
  CHECK(fault_of(bytes) == errc::malformed);
}

TEST_CASE("a digest whose shards do not ascend, or whose flag is neither 0 nor "
          "1, is refused") {
  auto twice = some_digest();
  twice.entries[1].shard = twice.entries[0].shard;
  CHECK(fault_of(encode_broadcast(twice)) == errc::malformed);
  auto bytes = encode_broadcast(some_digest());
  auto flag = bytes.size() - 12;
  REQUIRE(bytes[flag] == 1);
  bytes[flag] = 2;
  CHECK(fault_of(bytes) == errc::malformed);
}

TEST_CASE("no tree is asked for that has no root") {
  CHECK(fault_of(encode_broadcast(prune{})) == errc::malformed);
  CHECK(fault_of(encode_broadcast(graft{})) == errc::malformed);
}

TEST_CASE("a digest that promises more shards than it has bytes for is refused "
          "before anything is reserved") {
  CHECK(fault_of(hex("01 44 01 02 03 04 05 06 07 08 05 00 00 00 "
                     "ff ff ff ff ff ff ff ff 7f"))
        == errc::malformed);
}

TEST_CASE("what is longer than a link's queue of control messages is refused "
          "unread") {
  CHECK(fault_of(std::string(broadcast_bytes_max + 1, '\1'))
        == errc::too_large);
}

TEST_CASE("every change of one bit of a broadcast message is refused, or makes "
          "a message that is written in as many bytes") {
  for (auto& message : all_messages()) {
    auto bytes = encode_broadcast(message);
    for (std::size_t at = 0; at < bytes.size(); ++at)
      for (auto bit = 0; bit < 8; ++bit) {
        auto changed = bytes;
        changed[at] = static_cast<char>(changed[at] ^ (1 << bit));
        if (auto back = decode_broadcast(changed))
          CHECK(encode_broadcast(*back) == changed);
      }
  }
}

TEST_CASE("an entry takes no more bytes than was said") {
  for (auto& entry : some_digest().entries) {
    digest with;
    with.entries.push_back(entry);
    CHECK(encode_broadcast(with).size() - encode_broadcast(digest{}).size()
          <= size_bytes(entry));
  }
}

} // namespace broadcast_codec_test
