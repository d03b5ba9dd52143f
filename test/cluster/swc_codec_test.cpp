#include "cluster/swc/clock_codec.hpp"
#include "cluster/swc/frame_codec.hpp"
#include "cluster/swc/record_codec.hpp"
#include "cluster/swc/storage_layout.hpp"
#include "cluster/swc/sync_codec.hpp"
#include "test/support/hex.hpp"

#include <doctest/doctest.h>

#include <string>

namespace swc_codec_test {

using namespace hetzel::cluster;
using hetzel::test::hex;
using hetzel::test::to_hex;

namespace {

constexpr actor_id a{0x11};
constexpr actor_id b{0x22};

container two_siblings() {
  return {{{{a, 300}, 7, "x"}, {{b, 1}, 9, ""}}, {{a, 301}}};
}

frame some_frame(frame_kind kind) {
  frame delta;
  delta.kind = kind;
  delta.shard = shard_no{3};
  delta.source = store_id{0xABCD};
  delta.source_generation = generation{5};
  delta.session = kind == frame_kind::write ? 0 : 77;
  delta.number = 2;
  delta.base = {{a, 299}, {b, 4}};
  delta.items.push_back({"k1", two_siblings(), {{a, 300}, {a, 302}, {b, 1}}});
  delta.items.push_back({"k2", {}, {{b, 5}}});
  if (kind == frame_kind::range) {
    delta.from = "k";
    delta.to = "l";
  }
  return delta;
}

sync_head some_head() {
  return {shard_no{3}, store_id{0xABCD}, generation{5}, 77};
}

std::vector<sync_message> all_messages() {
  node_clock clock;
  clock.add(a, {1, 5});
  clock.add(b, {4, 9});
  return {sync_request{some_head(), pull_mode::range, b, 8, clock, {{a, 2}}},
          sync_refusal{some_head(), refusal::need_full, 3, {{b, 2}}},
          sync_ack{some_head(), 12},
          sync_end{some_head(), a, 9, clock, {{a, 4}}, {{a, 5}},
                   {{store_id{1}, {{a, 1}}}, {store_id{2}, {}}}, clock},
          sync_done{some_head(), {{a, 5}}},
          some_frame(frame_kind::dots),
          some_frame(frame_kind::range)};
}

errc fault_of_record(std::string_view bytes) {
  auto record = decode_record(bytes);
  return record ? errc::none : record.error();
}

} // namespace

TEST_CASE("a record has exactly these bytes") {
  CHECK(to_hex(encode_record({{{{a, 300}, 7, "x"}}, {}}))
        == "01 01 11 00 00 00 00 00 00 00 AC 02 07 00 00 00 00 00 00 00 01 78 "
           "00");
  CHECK(to_hex(encode_record({{}, {{b, 1}}}))
        == "01 00 01 22 00 00 00 00 00 00 00 01");
}

TEST_CASE("a set of counters has exactly these bytes") {
  dot_set set{4};
  set.add({7, 9});
  set.add(200);
  std::string bytes;
  byte_writer out{bytes};
  encode(out, set);
  CHECK(to_hex(bytes) == "04 02 03 03 BF 01 01");
  byte_reader in{bytes};
  CHECK(decode_dot_set(in) == set);
  CHECK(in.finish() == errc::none);
}

TEST_CASE("runs that touch, overflow or are empty are refused") {
  for (auto bytes : {"04 01 01 03", "04 01 02 00", "04 01 00 03",
                     "04 01 02 ff ff ff ff ff ff ff ff ff 01",
                     "ff ff ff ff ff ff ff ff 7f 00",
                     "00 01 ff ff ff ff ff ff ff ff 3f 05",
                     "04 02 02 01"}) {
    auto encoded = hex(bytes);
    byte_reader in{encoded};
    (void) decode_dot_set(in);
    CHECK_MESSAGE(in.finish() == errc::malformed, bytes);
  }
}

TEST_CASE("a varint that is padded or longer than 64 bits is refused") {
  for (auto bytes : {"80 00", "ff ff ff ff ff ff ff ff ff 02", "80",
                     "80 80 80 80 80 80 80 80 80 80 01"}) {
    auto encoded = hex(bytes);
    byte_reader in{encoded};
    (void) in.varint();
    CHECK_MESSAGE(in.finish() == errc::malformed, bytes);
  }
  auto largest = hex("ff ff ff ff ff ff ff ff ff 01");
  byte_reader in{largest};
  CHECK(in.varint() == UINT64_MAX);
  CHECK(in.finish() == errc::none);
}

TEST_CASE("records survive a round trip, and no prefix of one is a record") {
  for (auto& record : {container{}, two_siblings(), container{{}, {{b, 1}}}}) {
    auto bytes = encode_record(record);
    auto back = decode_record(bytes);
    REQUIRE(back.has_value());
    CHECK(*back == record);
    for (std::size_t size = 0; size < bytes.size(); ++size)
      CHECK(fault_of_record(bytes.substr(0, size)) != errc::none);
    CHECK(fault_of_record(bytes + '\0') == errc::malformed);
  }
}

TEST_CASE("a record of a later version is told from a broken one") {
  auto bytes = encode_record(two_siblings());
  bytes[0] = 2;
  CHECK(fault_of_record(bytes) == errc::unknown_version);
}

TEST_CASE("a record whose siblings do not ascend is refused") {
  auto unordered = two_siblings();
  std::swap(unordered.versions[0], unordered.versions[1]);
  CHECK(fault_of_record(encode_record(unordered)) == errc::malformed);
  auto twice = two_siblings();
  twice.versions[1].id = twice.versions[0].id;
  CHECK(fault_of_record(encode_record(twice)) == errc::malformed);
}

TEST_CASE("a count that the bytes cannot hold is refused before anything is "
          "reserved for it") {
  CHECK(fault_of_record(hex("01 ff ff ff ff ff ff ff ff 7f"))
        == errc::malformed);
}

TEST_CASE("frames of each kind survive a round trip, and no prefix of one is a "
          "frame") {
  for (auto kind :
       {frame_kind::write, frame_kind::dots, frame_kind::range}) {
    auto delta = some_frame(kind);
    auto bytes = encode_frame(delta);
    auto back = decode_frame(bytes);
    REQUIRE(back.has_value());
    CHECK(*back == delta);
    for (std::size_t size = 0; size < bytes.size(); ++size)
      CHECK_FALSE(decode_frame(bytes.substr(0, size)).has_value());
    CHECK_FALSE(decode_frame(bytes + '\0').has_value());
  }
}

TEST_CASE("a frame whose keys do not ascend, or leave its range, is refused") {
  auto delta = some_frame(frame_kind::range);
  delta.items[1].key = "k1";
  CHECK_FALSE(decode_frame(encode_frame(delta)).has_value());
  delta = some_frame(frame_kind::range);
  delta.to = "k2";
  CHECK_FALSE(decode_frame(encode_frame(delta)).has_value());
  delta = some_frame(frame_kind::range);
  delta.from = "k11";
  CHECK_FALSE(decode_frame(encode_frame(delta)).has_value());
  delta = some_frame(frame_kind::range);
  delta.to.reset();
  CHECK(decode_frame(encode_frame(delta)).has_value());
}

TEST_CASE("a write of one key costs little more than its key and value") {
  frame delta;
  delta.source = store_id{1};
  delta.base = {{a, 1'000'000}, {b, 2'000'000}};
  delta.items.push_back({std::string(30, 'k'),
                         {{{{a, 1'000'000}, 1, std::string(20, 'v')}}, {}},
                         {{a, 1'000'000}}});
  CHECK(encode_frame(delta).size() <= 115);
  auto one = encode_frame(delta).size();
  delta.items.push_back(delta.items[0]);
  delta.items[1].key += "2";
  CHECK(encode_frame(delta).size() - one <= 51 + 23);
}

TEST_CASE("messages of a pull survive a round trip, and no prefix of one is a "
          "message") {
  for (auto& message : all_messages()) {
    auto bytes = encode_sync(message);
    auto back = decode_sync(bytes);
    REQUIRE(back.has_value());
    CHECK(*back == message);
    for (std::size_t size = 0; size < bytes.size(); ++size)
      CHECK_FALSE(decode_sync(bytes.substr(0, size)).has_value());
    CHECK_FALSE(decode_sync(bytes + '\0').has_value());
  }
}

TEST_CASE("every change of one bit of a message is refused, or makes a message "
          "that is written in no more bytes") {
  for (auto& message : all_messages()) {
    auto bytes = encode_sync(message);
    for (std::size_t at = 0; at < bytes.size(); ++at)
      for (auto bit = 0; bit < 8; ++bit) {
        auto changed = bytes;
        changed[at] = static_cast<char>(changed[at] ^ (1 << bit));
        if (auto back = decode_sync(changed))
          CHECK(encode_sync(*back).size() <= changed.size());
      }
  }
}

TEST_CASE("keys of the store are ordered by table, shard, actor and counter") {
  CHECK(to_hex(dot_key(shard_no{2}, {actor_id{0x0102}, 0x0304}))
        == "02 02 00 00 00 00 00 00 01 02 00 00 00 00 00 00 03 04");
  CHECK(to_hex(record_key(shard_no{2}, "k")) == "01 02 6B");
  CHECK(to_hex(context_key(shard_no{2}, "k")) == "05 02 6B");
  CHECK(to_hex(clock_key(shard_no{2}, clock_row::floor)) == "03 02 66");
  CHECK(to_hex(clock_key(shard_no{2}, clock_row::column, 1))
        == "03 02 63 00 00 00 00 00 00 00 01");
  CHECK(dot_key(shard_no{0}, {a, 255}) < dot_key(shard_no{0}, {a, 256}));
  CHECK(dot_of_key(dot_key(shard_no{0}, {a, 7})) == dot{a, 7});
  CHECK_FALSE(dot_of_key("short").has_value());
}

} // namespace swc_codec_test
