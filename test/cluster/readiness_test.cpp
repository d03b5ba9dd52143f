#include "cluster/membership/readiness.hpp"
#include "cluster/membership/reachability.hpp"
#include "cluster/membership/split_policy.hpp"
#include "test/cluster/membership_fixture.hpp"

#include <doctest/doctest.h>

#include <set>
#include <vector>

namespace readiness_test {

using namespace hetzel::cluster;
using namespace hetzel::test;

namespace {

constexpr store_id s1{1};
constexpr store_id s2{2};
constexpr store_id s3{3};
constexpr store_id s4{4};

constexpr auto operations
  = {client_operation::register_client, client_operation::publish,
     client_operation::subscribe, client_operation::unsubscribe};

void pull_all(readiness& node, store_id peer) {
  for (std::uint8_t shard = 0; shard < 2; ++shard)
    node.on_pulled(peer, shard_no{shard});
}

/// Store 1 of three with two shards, all of them there and pulled from.
readiness ready_node() {
  readiness node{s1, 2};
  node.set_members(some_members(3));
  for (auto peer : {s2, s3}) {
    node.set_reachable(peer, true);
    node.on_link_up(peer);
    pull_all(node, peer);
  }
  return node;
}

split_rules all_rules(split_rule rule) { return {rule, rule, rule, rule}; }

} // namespace

// -- readiness ----------------------------------------------------------------

TEST_CASE("a node alone is ready at once") {
  readiness node{s1, 16};
  node.set_members(some_members(1));
  CHECK(node.is_ready());
}

TEST_CASE("a node is ready when all are there and every shard was pulled from "
          "each of them") {
  readiness node{s1, 2};
  node.set_members(some_members(3));
  CHECK(node.is_split());
  node.set_reachable(s2, true);
  node.set_reachable(s3, true);
  CHECK(!node.is_split());
  CHECK(!node.is_caught_up());
  CHECK(node.owed().size() == 2);
  pull_all(node, s2);
  node.on_pulled(s3, shard_no{1});
  CHECK(!node.is_ready());
  CHECK(node.owed() == std::map<store_id, std::vector<shard_no>>{
                         {s3, {shard_no{0}}}});
  node.on_pulled(s3, shard_no{0});
  CHECK(node.is_ready());
}

TEST_CASE("a new link owes its pulls again") {
  auto node = ready_node();
  node.on_link_up(s2);
  CHECK(!node.is_split());
  CHECK(!node.is_ready());
  pull_all(node, s2);
  CHECK(node.is_ready());
}

TEST_CASE("joining and leaving members are missed, removed ones are not") {
  for (auto state : {member_state::joining, member_state::up,
                     member_state::leaving, member_state::removed}) {
    auto members = some_members(1);
    members.merge(some_member(2, state));
    readiness node{s1, 2};
    node.set_members(members);
    CHECK(node.is_split() == (state != member_state::removed));
  }
}

TEST_CASE("a removal ends the split that the dead member made") {
  auto node = ready_node();
  node.set_reachable(s3, false);
  CHECK(node.missing() == std::set{s3});
  auto members = some_members(2);
  members.merge(some_member(3, member_state::removed));
  node.set_members(members);
  CHECK(node.is_ready());
  CHECK(node.netsplits_resolved() == 1);
}

TEST_CASE("a netsplit counts once, and is over when what was missed is here") {
  auto node = ready_node();
  CHECK(node.netsplits_detected() == 0);
  node.set_reachable(s2, false);
  node.set_reachable(s3, false);
  CHECK(node.netsplits_detected() == 1);
  node.set_reachable(s2, true);
  node.set_reachable(s3, true);
  CHECK(!node.is_split());
  CHECK(node.netsplits_resolved() == 0);
  pull_all(node, s2);
  // Split again before it was over: the same one.
  node.set_reachable(s3, false);
  CHECK(node.netsplits_detected() == 1);
  node.set_reachable(s3, true);
  pull_all(node, s3);
  CHECK(node.netsplits_resolved() == 1);
  node.set_reachable(s3, false);
  CHECK(node.netsplits_detected() == 2);
}

TEST_CASE("a start, and a peer that is pulled from anew, are no netsplits") {
  readiness node{s1, 2};
  node.set_members(some_members(2));
  CHECK(node.is_split());
  CHECK(node.netsplits_detected() == 0);
  node.set_reachable(s2, true);
  pull_all(node, s2);
  node.on_link_up(s2);
  CHECK(node.netsplits_detected() == 0);
  pull_all(node, s2);
  CHECK(node.netsplits_resolved() == 0);
}

TEST_CASE("pulls from nobody and shards that are none do not count") {
  readiness node{s1, 2};
  node.set_members(some_members(2));
  node.on_pulled(s4, shard_no{0});
  node.on_link_up(s4);
  node.set_reachable(s2, true);
  node.on_pulled(s2, shard_no{7});
  CHECK(!node.is_caught_up());
}

// -- the switches -------------------------------------------------------------

TEST_CASE("a ready node that is up allows everything, whatever the rules") {
  for (auto rule :
       {split_rule::never, split_rule::majority, split_rule::always})
    for (auto what : operations)
      CHECK(is_allowed(what, all_rules(rule),
                       {true, false, member_state::up}));
}

TEST_CASE("a node that is not ready allows what its rules say") {
  for (auto what : operations) {
    for (bool has_majority : {false, true}) {
      split_situation now{false, has_majority, member_state::up};
      CHECK(!is_allowed(what, all_rules(split_rule::never), now));
      CHECK(is_allowed(what, all_rules(split_rule::majority), now)
            == has_majority);
      CHECK(is_allowed(what, all_rules(split_rule::always), now));
    }
  }
}

TEST_CASE("each operation has a rule of its own") {
  for (auto what : operations) {
    auto rules = all_rules(split_rule::never);
    (what == client_operation::register_client ? rules.register_client
     : what == client_operation::publish       ? rules.publish
     : what == client_operation::subscribe     ? rules.subscribe
                                               : rules.unsubscribe)
      = split_rule::always;
    for (auto other : operations)
      CHECK(is_allowed(other, rules, {false, false, member_state::up})
            == (other == what));
  }
}

TEST_CASE("by default the minority takes no new clients, and all else goes "
          "on") {
  split_rules rules;
  split_situation minority{false, false, member_state::up};
  CHECK(!is_allowed(client_operation::register_client, rules, minority));
  CHECK(is_allowed(client_operation::publish, rules, minority));
  CHECK(is_allowed(client_operation::subscribe, rules, minority));
  CHECK(is_allowed(client_operation::unsubscribe, rules, minority));
  split_situation majority{false, true, member_state::up};
  CHECK(is_allowed(client_operation::register_client, rules, majority));
}

TEST_CASE("a node that is not up takes no clients, not even with always") {
  for (auto state : {member_state::joining, member_state::leaving,
                     member_state::removed})
    for (bool is_ready : {false, true})
      CHECK(!is_allowed(client_operation::register_client,
                        all_rules(split_rule::always),
                        {is_ready, true, state}));
}

TEST_CASE("a majority is more than half of who votes") {
  auto members = some_members(5);
  CHECK(is_majority(members, {s3, s4, store_id{5}}));
  CHECK(!is_majority(members, {s1, s2}));
  // One that joins does not vote, one that leaves does, one that is gone
  // does not.
  members.merge(some_member(6, member_state::joining));
  members.merge(some_member(7, member_state::joining));
  CHECK(!is_majority(members, {s1, s2, store_id{6}, store_id{7}}));
  members.merge(some_member(5, member_state::leaving));
  CHECK(is_majority(members, {s3, s4, store_id{5}}));
  members.merge(some_member(4, member_state::removed));
  CHECK(!is_majority(members, {s3, s4}));
}

TEST_CASE("an even split goes to the side with the lowest store") {
  auto members = some_members(4);
  CHECK(is_majority(members, {s1, s4}));
  CHECK(!is_majority(members, {s2, s3}));
  auto two = some_members(2);
  CHECK(is_majority(two, {s1}));
  CHECK(!is_majority(two, {s2}));
  // The lowest that votes.
  two = some_members(0);
  two.merge(some_member(1, member_state::joining));
  two.merge(some_member(2));
  two.merge(some_member(3));
  CHECK(is_majority(two, {s1, s2}));
  CHECK(!is_majority(two, {s1, s3}));
}

TEST_CASE("of two sides that share nobody never both are the majority, and of "
          "the two that make up the whole one is") {
  std::mt19937_64 random{2};
  for (int i = 0; i < 5000; ++i) {
    member_map members;
    for (std::uint64_t store = 1; store <= random() % 9 + 1; ++store)
      members.merge(some_member(
        store, member_state{static_cast<std::uint8_t>(random() % 4)}));
    std::set<store_id> one;
    std::set<store_id> two;
    for (auto& [store, entry] : members)
      (random() % 2 == 0 ? one : two).insert(store);
    REQUIRE(!(is_majority(members, one) && is_majority(members, two)));
    if (!members.voting().empty())
      REQUIRE((is_majority(members, one) || is_majority(members, two)));
  }
}

TEST_CASE("rules are read by both of their names") {
  CHECK(parse_split_rule("never") == split_rule::never);
  CHECK(parse_split_rule("off") == split_rule::never);
  CHECK(parse_split_rule("majority") == split_rule::majority);
  CHECK(parse_split_rule("always") == split_rule::always);
  CHECK(parse_split_rule("on") == split_rule::always);
  CHECK(!parse_split_rule("Always").has_value());
  CHECK(!parse_split_rule("").has_value());
  for (auto rule :
       {split_rule::never, split_rule::majority, split_rule::always})
    CHECK(parse_split_rule(name_of(rule)) == rule);
}

// -- who reaches whom ---------------------------------------------------------

TEST_CASE("all that reach each other are a clique") {
  reachability graph{s1};
  graph.set_members({s1, s2, s3});
  CHECK(graph.view() == std::set{s1});
  CHECK(graph.is_clique());
  graph.set_reachable(s2, true);
  graph.set_reachable(s3, true);
  // Nobody has said anything yet.
  CHECK(!graph.is_clique());
  CHECK(graph.on_report(s2, {s1, s3}).empty());
  CHECK(graph.on_report(s3, {s1, s2}).empty());
  CHECK(graph.is_clique());
  CHECK(graph.view() == std::set{s1, s2, s3});
}

TEST_CASE("a partition that is not whole shows, one-way ones too") {
  reachability graph{s1};
  graph.set_members({s1, s2, s3});
  graph.set_reachable(s2, true);
  graph.set_reachable(s3, true);
  (void) graph.on_report(s2, {s1, s3});
  CHECK(graph.on_report(s3, {s1}) == std::vector{s2});
  CHECK(graph.broken_pairs() == std::vector{std::pair{s2, s3}});
  CHECK(graph.reaches(s2, s3));
  CHECK(!graph.reaches(s3, s2));
  // Who does not reach this node is a broken pair as well.
  (void) graph.on_report(s3, {s2});
  CHECK(graph.broken_pairs() == std::vector{std::pair{s1, s3}});
}

TEST_CASE("what a peer said before an outage does not count after it") {
  reachability graph{s1};
  graph.set_members({s1, s2});
  graph.set_reachable(s2, true);
  (void) graph.on_report(s2, {s1});
  graph.set_reachable(s2, false);
  CHECK(graph.view() == std::set{s1});
  graph.set_reachable(s2, true);
  CHECK(!graph.is_clique());
}

TEST_CASE("who is no member is in no graph") {
  reachability graph{s1};
  graph.set_members({s1, s2});
  graph.set_reachable(s3, true);
  (void) graph.on_report(s3, {s1});
  CHECK(graph.view() == std::set{s1});
  graph.set_reachable(s2, true);
  graph.set_members({s1});
  CHECK(graph.view() == std::set{s1});
}

} // namespace readiness_test
