#include "cluster/membership/membership.hpp"
#include "test/cluster/membership_fixture.hpp"
#include "test/cluster/membership_node.hpp"

#include <doctest/doctest.h>

#include <string>
#include <utility>
#include <vector>

namespace membership_core_test {

using namespace hetzel::cluster;
using namespace hetzel::test;

namespace {

constexpr store_id s1{1};
constexpr store_id s2{2};
constexpr store_id s3{3};

} // namespace

TEST_CASE("a node without seeds is a cluster of its own, and up") {
  membership_node node{node_options(1)};
  CHECK(node.core().start(node.now) == start_verdict::forming);
  CHECK(node.core().state() == nullptr);
  node.save_all();
  REQUIRE(node.core().state() != nullptr);
  CHECK(node.core().own_state() == member_state::up);
  CHECK(!node.core().state()->params.id.is_none());
}

TEST_CASE("two nodes without seeds are two clusters [M2]") {
  membership_node one{node_options(1)};
  membership_node two{node_options(2)};
  CHECK(one.core().start(one.now) == start_verdict::forming);
  CHECK(two.core().start(two.now) == start_verdict::forming);
  one.save_all();
  two.save_all();
  CHECK(one.core().state()->params.id != two.core().state()->params.id);
  one.core().on_members(s2, *two.core().state(), one.now);
  CHECK(one.core().state()->members.size() == 1);
  CHECK(one.core().counters().foreign == 1);
}

TEST_CASE("a node with records and seeds but no cluster does not begin") {
  auto options = node_options(1);
  options.seeds = {{"a", 1}};
  options.has_records = true;
  membership_node node{options};
  CHECK(node.core().start(node.now) == start_verdict::not_empty);
  CHECK(node.asked.empty());
}

TEST_CASE("a node with a database does not join again, whatever its seeds") {
  auto options = node_options(1, 2);
  options.seeds = {{"a", 1}};
  options.has_records = true;
  membership_node node{options, local_record{s1, some_state(2), {}, {}}};
  CHECK(node.core().start(node.now) == start_verdict::member);
  node.save_all();
  node.run(60000);
  CHECK(node.asked.empty());
}

TEST_CASE("a node does not act on a record of another store or shape") {
  membership_node other{node_options(2, 2),
                        local_record{s1, some_state(2), {}, {}}};
  CHECK(other.core().start(other.now) == start_verdict::foreign_record);
  auto options = node_options(1, 2);
  options.groups = 4;
  membership_node groups{options, local_record{s1, some_state(2), {}, {}}};
  CHECK(groups.core().start(groups.now) == start_verdict::foreign_record);
  auto state = some_state(2);
  state.members.merge(some_member(1, member_state::removed));
  membership_node removed{node_options(1, 2), local_record{s1, state, {}, {}}};
  CHECK(removed.core().start(removed.now) == start_verdict::removed);
  CHECK(removed.saves.empty());
}

TEST_CASE("nothing is acted upon before it is saved") {
  auto node = member_one(3);
  CHECK(node.core().remove(s3) == command_refusal::none);
  node.core().on_join(5, join_request_of(9), node.now);
  auto news = some_state(4);
  node.core().on_members(s2, news, node.now);
  CHECK(node.sent.empty());
  CHECK(node.answers.empty());
  CHECK(state_at(node, s3) == member_state::up);
  auto version = node.core().version();
  node.save_all();
  CHECK(state_at(node, s3) == member_state::removed);
  CHECK(node.core().version() != version);
  CHECK(node.answers.size() == 1);
  CHECK(node.core().state()->members.find(store_id{4}) != nullptr);
}

TEST_CASE("one save at a time, and what came meanwhile in the next") {
  auto node = member_one(3);
  CHECK(node.core().remove(s2) == command_refusal::none);
  CHECK(node.core().remove(s3) == command_refusal::none);
  REQUIRE(node.saves.size() == 1);
  node.save_one();
  CHECK(state_at(node, s2) == member_state::removed);
  CHECK(state_at(node, s3) == member_state::up);
  REQUIRE(node.saves.size() == 1);
  node.save_one();
  CHECK(state_at(node, s3) == member_state::removed);
  CHECK(node.saves.empty());
}

TEST_CASE("what is saved is what a next process begins with") {
  auto node = member_one(3);
  CHECK(node.core().remove(s3) == command_refusal::none);
  node.save_all();
  auto record = decode_local_record(node.disk);
  REQUIRE(record.has_value());
  membership_node next{node_options(1, 3), *record};
  CHECK(next.core().start(next.now) == start_verdict::member);
  next.save_all();
  CHECK(state_at(next, s3) == member_state::removed);
  CHECK(next.core().state()->members.find(s1)->facts.opened == generation{3});
}

TEST_CASE("a change goes to all members, and to the one it removes") {
  auto node = member_one(4);
  CHECK(node.core().remove(s3) == command_refusal::none);
  node.save_all();
  CHECK(receivers(node) == std::vector{s2, s3, store_id{4}});
  node.sent.clear();
  CHECK(node.core().leave(s2) == command_refusal::none);
  node.save_all();
  CHECK(receivers(node) == std::vector{s2, store_id{4}});
}

TEST_CASE("every five seconds one member gets everything") {
  auto node = member_one(4);
  node.run(4900);
  CHECK(node.sent.empty());
  node.run(10200);
  CHECK(node.sent.size() == 3);
}

TEST_CASE("a peer with another version gets ours, but not over and over") {
  auto node = member_one(2);
  // That it has started is one second old.
  node.run(1100);
  node.core().on_version(s2, 12345, node.now);
  node.core().on_version(s2, 12345, node.now);
  node.run(500);
  node.core().on_version(s2, 12345, node.now);
  CHECK(node.sent.size() == 1);
  node.run(600);
  node.core().on_version(s2, 12345, node.now);
  CHECK(node.sent.size() == 2);
  node.sent.clear();
  node.core().on_version(s2, node.core().version(), node.now);
  CHECK(node.sent.empty());
  node.core().on_link_up(s2, 12345, node.now);
  CHECK(node.sent.size() == 1);
}

TEST_CASE("a peer that lacks what came from elsewhere is answered") {
  auto node = member_one(3);
  auto news = *node.core().state();
  news.members.merge(some_member(4, member_state::joining));
  node.core().on_members(s2, news, node.now);
  node.save_all();
  CHECK(node.sent.empty());
  CHECK(node.core().version() == version_of(news));
  node.core().on_members(s3, some_state(3), node.now);
  CHECK(receivers(node) == std::vector{s3});
}

TEST_CASE("the word of a removed store does not count, and it is told so") {
  auto node = member_one(3);
  CHECK(node.core().remove(s3) == command_refusal::none);
  node.save_all();
  node.sent.clear();
  auto news = some_state(3);
  news.members.merge(some_member(2, member_state::removed));
  node.run(1100);
  node.core().on_members(s3, news, node.now);
  node.save_all();
  CHECK(state_at(node, s2) == member_state::up);
  REQUIRE(receivers(node) == std::vector{s3});
  auto& push = std::get<members_push>(node.sent[0].second);
  CHECK(push.state.members.is_removed(s3));
}

TEST_CASE("gossip that would exceed the number of stores is not taken") {
  auto node = member_one(3);
  auto many = some_state(3);
  for (std::uint64_t store = 5000; store < 5000 + members_max; ++store)
    many.members.merge(some_member(store));
  node.core().on_members(s2, many, node.now);
  CHECK(node.saves.empty());
  CHECK(node.core().counters().foreign == 1);
}

// -- voids --------------------------------------------------------------------

TEST_CASE("voids reach all, and levelling is asked for until it is done") {
  auto node = member_one(2);
  auto news = *node.core().state();
  news.voids.add(shard_no{3}, actor_id{5}, {dot_set{9}, 11});
  news.voids.add(shard_no{4}, actor_id{5}, {dot_set{9}, 0});
  node.core().on_members(s2, news, node.now);
  CHECK(node.levels.empty());
  node.save_all();
  CHECK(node.levels == std::vector{shard_no{3}});
  CHECK(node.core().state()->voids.voids_of(shard_no{4}).size() == 1);
  // Not done: the next process is asked again.
  membership_node next{node_options(1, 3), *decode_local_record(node.disk)};
  (void) next.core().start(next.now);
  next.save_all();
  CHECK(next.levels == std::vector{shard_no{3}});
  next.core().on_levelled(shard_no{3});
  next.save_all();
  membership_node last{node_options(1, 4), *decode_local_record(next.disk)};
  (void) last.core().start(last.now);
  last.save_all();
  CHECK(last.levels.empty());
}

TEST_CASE("a level that rises while it is worked on is worked on again") {
  auto node = member_one(2);
  node.core().add_voids(shard_no{3}, actor_id{5}, {{}, 11});
  node.save_all();
  node.core().add_voids(shard_no{3}, actor_id{6}, {{}, 2});
  node.save_all();
  CHECK(node.levels.size() == 1);
  node.core().on_levelled(shard_no{3});
  node.save_all();
  CHECK(node.levels.size() == 2);
  node.core().on_levelled(shard_no{3});
  node.save_all();
  CHECK(node.levels.size() == 2);
}

} // namespace membership_core_test
