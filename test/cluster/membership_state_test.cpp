#include "cluster/membership/cluster_state.hpp"
#include "cluster/membership/member.hpp"
#include "cluster/membership/member_map.hpp"
#include "cluster/membership/void_map.hpp"
#include "cluster/swc/shard_members.hpp"
#include "test/cluster/membership_fixture.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <map>
#include <vector>

namespace membership_state_test {

using namespace hetzel::cluster;
using namespace hetzel::test;

namespace {

constexpr store_id s1{1};
constexpr store_id s2{2};
constexpr store_id s3{3};

member_state state_of(const member_map& members, store_id store) {
  return members.find(store)->state;
}

cluster_state merged(cluster_state a, const cluster_state& b) {
  a.merge(b);
  return a;
}

/// The merge as the specification has it, seen from far: of all that was ever
/// said of a store the largest state, and the latest facts.
struct oracle {
  void hear(const member& one) {
    auto [at, is_new] = best.try_emplace(one.store, one);
    at->second.state = std::max(at->second.state, one.state);
    if (one.facts > at->second.facts)
      at->second.facts = one.facts;
  }

  std::map<store_id, member> best;
};

} // namespace

TEST_CASE("merging states is commutative, associative and idempotent [M1]") {
  std::mt19937_64 random{20261125};
  for (int i = 0; i < 20000; ++i) {
    auto a = random_state(random);
    auto b = random_state(random);
    auto c = random_state(random);
    REQUIRE(merged(a, b) == merged(b, a));
    REQUIRE(merged(merged(a, b), c) == merged(a, merged(b, c)));
    REQUIRE(merged(a, a) == a);
    auto ab = merged(a, b);
    REQUIRE(!cluster_state{ab}.merge(a));
    REQUIRE(merged(ab, b) == ab);
    REQUIRE((version_of(merged(a, b)) == version_of(merged(b, a))));
  }
}

TEST_CASE("any order of any messages, lost and repeated ones too, ends where "
          "the sum of what was said ends [M1]") {
  std::mt19937_64 random{7};
  for (int i = 0; i < 3000; ++i) {
    std::vector<member> said(random() % 20 + 1);
    oracle all;
    for (auto& one : said) {
      one = random_member(random);
      all.hear(one);
    }
    auto twice = said;
    twice.insert(twice.end(), said.begin(), said.end());
    std::shuffle(twice.begin(), twice.end(), random);
    member_map members;
    for (auto& one : twice)
      members.merge(one);
    REQUIRE(members.size() == all.best.size());
    for (auto& [store, one] : all.best)
      REQUIRE(*members.find(store) == one);
  }
}

TEST_CASE("a merge says whether it changed anything, and is right") {
  std::mt19937_64 random{3};
  for (int i = 0; i < 5000; ++i) {
    auto a = random_state(random);
    auto b = random_state(random);
    auto before = a;
    auto changed = a.merge(b);
    REQUIRE(changed == (a != before));
  }
}

TEST_CASE("old gossip does not undo a removal") {
  auto members = some_members(3);
  members.merge(some_member(2, member_state::removed));
  for (auto state : {member_state::joining, member_state::up,
                     member_state::leaving})
    for (std::uint32_t opened : {1, 2, 900})
      members.merge(some_member(2, state, opened));
  CHECK(members.is_removed(s2));
  CHECK(!members.is_member(s2));
  CHECK(members.active() == std::vector{s1, s3});
}

TEST_CASE("a state goes its way, also when an older process is the source") {
  auto members = some_members(1);
  members.merge(some_member(1, member_state::leaving, 1));
  members.merge(some_member(1, member_state::joining, 5));
  CHECK(state_of(members, s1) == member_state::leaving);
  CHECK(members.find(s1)->facts.opened == generation{5});
}

TEST_CASE("an operator far away does not take back a generation") {
  auto members = some_members(1);
  members.merge(some_member(1, member_state::up, 9));
  members.merge(some_member(1, member_state::leaving, 4));
  CHECK(state_of(members, s1) == member_state::leaving);
  CHECK(members.find(s1)->facts == some_member(1, {}, 9).facts);
}

TEST_CASE("within a generation the later revision counts") {
  auto members = some_members(1);
  auto moved = some_member(1);
  moved.facts.revision = 2;
  moved.facts.addresses.control.host = "elsewhere";
  CHECK(members.merge(moved));
  CHECK(!members.merge(some_member(1)));
  CHECK(members.find(s1)->facts.addresses.control.host == "elsewhere");
}

TEST_CASE("equal states have equal versions, and others other ones") {
  auto state = some_state(3);
  auto version = version_of(state);
  CHECK(version == version_of(some_state(3)));
  auto renamed = state;
  auto one = some_member(2);
  one.facts.revision = 2;
  renamed.members.merge(one);
  CHECK(version_of(renamed) != version);
  CHECK(version_of(renamed.members) != version_of(state.members));
  auto voided = state;
  voided.voids.add(shard_no{0}, actor_id{5}, {dot_set{3}, 0});
  CHECK(version_of(voided) != version);
  CHECK(version_of(voided.members) == version_of(state.members));
}

TEST_CASE("shards are told stores, generations and states, removed ones too") {
  auto members = some_members(2);
  members.merge(some_member(2, member_state::removed, 7));
  auto view = members.shard_view();
  REQUIRE(view.size() == 2);
  shard_members shard{s1};
  CHECK(shard.set(view).empty());
  CHECK(!shard.is_member(s2));
  CHECK(shard.is_alone());
  CHECK(view[1].newest == generation{7});
}

TEST_CASE("retired are the former actors of all and every one of the removed") {
  auto members = some_members(2);
  auto rotated = some_member(1, member_state::up, 2);
  rotated.facts.retired = {actor_id{5}, actor_id{6}};
  members.merge(rotated);
  members.merge(some_member(3, member_state::removed));
  CHECK(members.retired_actors()
        == std::vector{actor_id{5}, actor_id{6}, actor_id{3001}});
}

TEST_CASE("joining members do not vote, leaving ones do") {
  auto members = some_members(3);
  members.merge(some_member(3, member_state::leaving));
  members.merge(some_member(4, member_state::joining));
  members.merge(some_member(5, member_state::removed));
  CHECK(members.voting() == std::vector{s1, s2, s3});
  CHECK(members.active() == std::vector{s1, s2, s3, store_id{4}});
}

TEST_CASE("the coordinator is the lowest store that is up and can be "
          "reached") {
  auto members = some_members(3);
  members.merge(some_member(1, member_state::leaving));
  CHECK(members.coordinator({s1, s2, s3}) == s2);
  CHECK(members.coordinator({s1, s3}) == s3);
  CHECK(members.coordinator({s1}) == store_id{});
}

TEST_CASE("two that claim one name are pointed out, but not when one is "
          "removed") {
  auto members = some_members(2);
  auto twin = some_member(3);
  twin.facts.name = "n1";
  members.merge(twin);
  CHECK(members.disputed_names() == std::set<std::string>{"n1"});
  CHECK(members.named("n1")->store == s1);
  twin.state = member_state::removed;
  members.merge(twin);
  CHECK(members.disputed_names().empty());
  CHECK(members.named("n9") == nullptr);
}

TEST_CASE("a bitmap gives back the members it was made of") {
  auto members = some_members(19);
  std::mt19937_64 random{5};
  for (int i = 0; i < 500; ++i) {
    std::set<store_id> chosen;
    for (auto& [store, one] : members)
      if (random() % 2 == 0)
        chosen.insert(store);
    auto bitmap = to_bitmap(members, chosen);
    REQUIRE(bitmap.size() == 3);
    REQUIRE(from_bitmap(members, bitmap) == chosen);
  }
  CHECK(from_bitmap(some_members(2), "\xFF\xFF").size() == 2);
  CHECK(from_bitmap(members, "\x01") == std::set{s1});
}

TEST_CASE("facts are refused that break a limit") {
  auto good = some_facts("n1");
  CHECK(is_valid(good));
  auto broken = std::vector<member_facts>(10, good);
  broken[0].name = "";
  broken[1].name = std::string(node_name_max + 1, 'n');
  broken[2].zone = std::string(zone_max + 1, 'z');
  broken[3].addresses.queue = {std::string(host_max + 1, 'h'), 1};
  broken[4].addresses.traffic = {"host", 0};
  broken[5].actor = actor_id{};
  broken[6].opened = generation{};
  broken[7].protocol = {3, 2};
  broken[8].retired = {actor_id{8}, actor_id{8}};
  broken[9].retired = {good.actor};
  for (std::size_t i = 0; i < broken.size(); ++i)
    CHECK_MESSAGE(!is_valid(broken[i]), i);
}

TEST_CASE("void columns grow and never shrink") {
  void_map voids;
  CHECK(!voids.add(shard_no{1}, actor_id{2}, {}));
  CHECK(voids.add(shard_no{1}, actor_id{2}, {dot_set{3}, 0}));
  CHECK(!voids.add(shard_no{1}, actor_id{2}, {dot_set{2}, 0}));
  CHECK(voids.add(shard_no{1}, actor_id{2}, {{}, 8}));
  CHECK(!voids.add(shard_no{1}, actor_id{2}, {{}, 7}));
  CHECK(voids.level_of(shard_no{1}, actor_id{2}) == 8);
  CHECK(voids.level_of(shard_no{2}, actor_id{2}) == 0);
  CHECK(voids.voids_of(shard_no{1}).contains({actor_id{2}, 3}));
  CHECK(voids.voids_of(shard_no{2}).empty());
}

} // namespace membership_state_test
