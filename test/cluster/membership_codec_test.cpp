#include "cluster/membership/local_record.hpp"
#include "cluster/membership/membership_codec.hpp"
#include "cluster/membership/state_codec.hpp"
#include "test/cluster/membership_fixture.hpp"
#include "test/support/hex.hpp"

#include <doctest/doctest.h>

#include <string>
#include <vector>

namespace membership_codec_test {

using namespace hetzel::cluster;
using namespace hetzel::test;

namespace {

constexpr store_id s1{1};

cluster_state rich_state() {
  auto state = some_state(3);
  state.members.merge(some_member(3, member_state::removed, 4));
  auto rotated = some_member(2, member_state::leaving, 5);
  rotated.facts.retired = {actor_id{3}, actor_id{9}};
  rotated.facts.zone = "west";
  state.members.merge(rotated);
  void_column gaps{dot_set{4}, 12};
  gaps.voids.add({7, 9});
  state.voids.add(shard_no{0}, actor_id{3}, gaps);
  state.voids.add(shard_no{2}, actor_id{1}, {{}, 5});
  return state;
}

hello some_hello() {
  hello message{s1, generation{3}, "n1", {7, 9}, 0x1122, {1, 2}, 16, 256, {}};
  message.nonce.fill(0xAA);
  return message;
}

std::vector<membership_body> all_bodies() {
  hello_ack ack{hello_verdict::stranger, generation{8}, {}};
  ack.proof.fill(0x55);
  auto facts = some_facts("n1", 3);
  return {some_hello(),
          ack,
          heartbeat{9, true, 250, 77, "\x05"},
          probe_request{4, store_id{2}},
          probe_answer{4, store_id{2}},
          members_push{rich_state()},
          join_request{s1, {7, 9}, true, facts, 16, 256, store_id{2}},
          join_request{s1, {}, false, facts, 1, 1, {}},
          join_accepted{rich_state()},
          join_refused{join_refusal::name_taken, {7, 9}, store_id{2}},
          retire_poll{shard_no{3}, actor_id{4}, 5},
          retire_answer{shard_no{3}, actor_id{4}, 5, dot_set{6}, 7}};
}

membership_message from_s1(membership_body body) {
  return {s1, generation{3}, std::move(body)};
}

errc fault_of(std::string_view bytes) {
  auto message = decode_membership(bytes);
  return message ? errc::none : message.error();
}

local_record some_record() {
  return {s1, rich_state(), {store_id{2}, store_id{3}},
          {{{shard_no{0}, actor_id{3}}, 12}}};
}

/// A state with `change` applied to its encoding, as an accepted join.
errc fault_of_state(const cluster_state& state) {
  return fault_of(encode_membership(from_s1(join_accepted{state})));
}

} // namespace

TEST_CASE("messages of the membership have exactly these bytes") {
  CHECK(to_hex(encode_membership(from_s1(heartbeat{9, false, 250, 77, "\x05"})))
        == "01 42 01 00 00 00 00 00 00 00 03 00 00 00 09 00 FA 01 4D 00 00 00 "
           "00 00 00 00 01 05");
  CHECK(to_hex(encode_membership(
          from_s1(retire_answer{shard_no{3}, actor_id{4}, 5, dot_set{6}, 7})))
        == "01 72 01 00 00 00 00 00 00 00 03 00 00 00 03 04 00 00 00 00 00 00 "
           "00 05 00 00 00 00 00 00 00 06 00 07");
  CHECK(to_hex(encode_membership(from_s1(
          join_refused{join_refusal::name_taken, {7, 9}, store_id{2}})))
        == "01 6E 01 00 00 00 00 00 00 00 03 00 00 00 05 07 00 00 00 00 00 00 "
           "00 09 00 00 00 00 00 00 00 02 00 00 00 00 00 00 00");
}

TEST_CASE("a state has exactly these bytes") {
  auto state = some_state(1);
  state.voids.add(shard_no{2}, actor_id{5}, {dot_set{3}, 4});
  std::string bytes;
  byte_writer out{bytes};
  encode(out, state);
  CHECK(to_hex(bytes)
        == "07 00 00 00 00 00 00 00 09 00 00 00 00 00 00 00 10 80 02 39 30 00 "
           "00 00 00 00 00 01 01 00 00 00 00 00 00 00 01 01 00 00 00 01 02 6E "
           "31 0A 6E 31 2E 65 78 61 6D 70 6C 65 95 D8 02 00 00 00 00 00 01 01 "
           "E9 03 00 00 00 00 00 00 00 01 02 05 00 00 00 00 00 00 00 03 00 04");
}

TEST_CASE("messages of the membership survive a round trip, and no prefix of "
          "one is a message") {
  for (auto& body : all_bodies()) {
    auto bytes = encode_membership(from_s1(body));
    auto back = decode_membership(bytes);
    REQUIRE(back.has_value());
    CHECK(*back == from_s1(body));
    for (std::size_t size = 0; size < bytes.size(); ++size)
      REQUIRE(fault_of(bytes.substr(0, size)) != errc::none);
    CHECK(fault_of(bytes + '\0') != errc::none);
  }
}

TEST_CASE("random states come back from their encoding as they were") {
  std::mt19937_64 random{11};
  for (int i = 0; i < 3000; ++i) {
    auto message = from_s1(members_push{random_state(random)});
    auto back = decode_membership(encode_membership(message));
    REQUIRE(back.has_value());
    REQUIRE(*back == message);
  }
}

TEST_CASE("a message of a later version, of no type or of nobody is refused") {
  auto bytes = encode_membership(from_s1(heartbeat{}));
  auto later = bytes;
  later[0] = 2;
  CHECK(fault_of(later) == errc::unknown_version);
  auto strange = bytes;
  strange[1] = 'Z';
  CHECK(fault_of(strange) == errc::malformed);
  CHECK(fault_of(encode_membership({store_id{}, generation{1}, heartbeat{}}))
        == errc::malformed);
  CHECK(fault_of(encode_membership({s1, generation{}, heartbeat{}}))
        == errc::malformed);
}

TEST_CASE("names, hosts and zones beyond their limits are refused") {
  auto with = [](auto change) {
    auto one = some_member(1);
    change(one.facts);
    auto state = some_state(0);
    state.members.merge(one);
    return fault_of_state(state);
  };
  CHECK(with([](member_facts& f) { f.name.assign(255, 'n'); }) == errc::none);
  CHECK(with([](member_facts& f) { f.name.assign(256, 'n'); })
        == errc::too_large);
  CHECK(with([](member_facts& f) { f.zone.assign(65, 'z'); })
        == errc::too_large);
  CHECK(with([](member_facts& f) { f.addresses.queue.host.assign(256, 'h'); })
        == errc::too_large);
  CHECK(with([](member_facts& f) { f.name.clear(); }) == errc::malformed);
  CHECK(with([](member_facts& f) {
          for (std::uint64_t i = 1; i <= retired_actors_max + 1; ++i)
            f.retired.push_back(actor_id{1 << 20U | i});
        })
        == errc::too_large);
}

TEST_CASE("more members than a cluster may have are refused") {
  CHECK(fault_of_state(some_state(members_max)) == errc::none);
  CHECK(fault_of_state(some_state(members_max + 1)) == errc::too_large);
}

TEST_CASE("a heartbeat about more members than there may be is refused") {
  auto beat = [](std::size_t size) {
    return fault_of(encode_membership(
      from_s1(heartbeat{1, false, 0, 1, std::string(size, '\1')})));
  };
  CHECK(beat(members_max / 8) == errc::none);
  CHECK(beat(members_max / 8 + 1) == errc::too_large);
}

TEST_CASE("a void set of too many runs, or with a counter nobody reaches, is "
          "refused") {
  auto state = some_state(1);
  void_column column;
  for (std::uint64_t i = 1; i <= void_runs_max + 1; ++i)
    column.voids.add(2 * i + 1);
  state.voids.add(shard_no{0}, actor_id{1}, column);
  CHECK(fault_of_state(state) == errc::too_large);
  auto beyond = some_state(1);
  beyond.voids.add(shard_no{0}, actor_id{1}, {dot_set{counter_max + 1}, 0});
  CHECK(fault_of_state(beyond) == errc::malformed);
}

TEST_CASE("a claim of a million members costs nothing") {
  auto bytes = hex("01 4D 0100000000000000 03000000 "
                   "0700000000000000 0900000000000000 10 8002 "
                   "3930000000000000 C0843D");
  CHECK(fault_of(bytes) == errc::malformed);
}

TEST_CASE("a state without a cluster, groups or queue partitions is refused") {
  for (int i = 0; i < 3; ++i) {
    auto state = some_state(1);
    if (i == 0)
      state.params.id = {};
    else if (i == 1)
      state.params.groups = 0;
    else
      state.params.queue_partitions = 0;
    CHECK(fault_of_state(state) == errc::malformed);
  }
}

TEST_CASE("members that do not ascend, and states that do not exist, are "
          "refused") {
  auto bytes = encode_membership(from_s1(join_accepted{some_state(2)}));
  // The second store becomes the first one: 14 + 27 bytes of head, a count,
  // and a member.
  auto second = bytes.find(std::string("\2\0\0\0\0\0\0\0\1", 9), 40);
  REQUIRE(second != std::string::npos);
  auto twice = bytes;
  twice[second] = 1;
  CHECK(fault_of(twice) == errc::malformed);
  auto fifth = bytes;
  fifth[second + 8] = 4;
  CHECK(fault_of(fifth) == errc::malformed);
}

TEST_CASE("a join whose facts are of another process than it says is "
          "refused") {
  auto request = std::get<join_request>(all_bodies()[6]);
  CHECK(fault_of(encode_membership({s1, generation{4}, request}))
        == errc::malformed);
}

TEST_CASE("what a node remembers of its cluster survives a round trip") {
  auto record = some_record();
  auto back = decode_local_record(encode_local_record(record));
  REQUIRE(back.has_value());
  CHECK(*back == record);
  CHECK(local_record_key() == std::string("\x04m"));
}

TEST_CASE("damage to what a node remembers is found, wherever it is") {
  auto bytes = encode_local_record(some_record());
  for (std::size_t size = 0; size < bytes.size(); ++size)
    REQUIRE(!decode_local_record(bytes.substr(0, size)).has_value());
  for (std::size_t at = 0; at < bytes.size(); ++at)
    for (char mask : {'\x01', '\x80'}) {
      auto damaged = bytes;
      damaged[at] = static_cast<char>(damaged[at] ^ mask);
      auto back = decode_local_record(damaged);
      REQUIRE(!back.has_value());
      REQUIRE(back.error()
              == (at == 0 ? errc::unknown_version : errc::malformed));
    }
  CHECK(!decode_local_record(bytes + '\0').has_value());
}

TEST_CASE("a record that does not know its own store is refused") {
  auto record = some_record();
  record.own = store_id{99};
  auto back = decode_local_record(encode_local_record(record));
  REQUIRE(!back.has_value());
  CHECK(back.error() == errc::malformed);
}

} // namespace membership_codec_test
