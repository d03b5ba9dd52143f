#include "cluster/membership/membership.hpp"
#include "test/cluster/membership_fixture.hpp"
#include "test/cluster/membership_node.hpp"

#include <doctest/doctest.h>

#include <string>
#include <utility>
#include <vector>

namespace membership_lifecycle_test {

using namespace hetzel::cluster;
using namespace hetzel::test;

namespace {

constexpr store_id s1{1};
constexpr store_id s2{2};
constexpr store_id s3{3};
constexpr store_id s9{9};

} // namespace

// -- joining ------------------------------------------------------------------

TEST_CASE("a node is let in, catches up, and is up") {
  auto seed = member_one(1);
  auto options = node_options(9);
  options.seeds = {{"a", 1}};
  membership_node node{options};
  CHECK(node.core().start(node.now) == start_verdict::seeking);
  REQUIRE(node.asked.size() == 1);
  CHECK(node.core().make_hello().cluster.is_none());
  seed.core().on_join(5, node.asked[0].second, seed.now);
  seed.save_all();
  REQUIRE(seed.answers.size() == 1);
  node.core().on_join_accepted(std::get<join_accepted>(seed.answers[0].second));
  CHECK(node.core().state() == nullptr);
  node.save_all();
  CHECK(node.core().own_state() == member_state::joining);
  CHECK(node.core().make_hello().cluster == seed.core().state()->params.id);
  node.core().on_caught_up();
  node.save_all();
  CHECK(node.core().own_state() == member_state::up);
  seed.core().on_members(s9, *node.core().state(), seed.now);
  seed.save_all();
  CHECK(state_at(seed, s9) == member_state::up);
  CHECK(seed.core().version() == node.core().version());
}

TEST_CASE("a node without a cluster lets nobody in") {
  auto options = node_options(1);
  options.seeds = {{"a", 1}};
  membership_node node{options};
  (void) node.core().start(node.now);
  node.core().on_join(5, join_request_of(9), node.now);
  node.core().on_join(6, join_request_of(1), node.now);
  REQUIRE(node.answers.size() == 2);
  auto& first = std::get<join_refused>(node.answers[0].second);
  CHECK(first.why == join_refusal::no_cluster);
  CHECK(first.cluster.is_none());
  CHECK(std::get<join_refused>(node.answers[1].second).why
        == join_refusal::itself);
}

TEST_CASE("two nodes with each other as seeds wait for a person [M2]") {
  auto of = [](std::uint64_t store) {
    auto options = node_options(store);
    options.seeds = {{"other", 1}};
    return options;
  };
  membership_node one{of(1)};
  membership_node two{of(2)};
  (void) one.core().start(one.now);
  (void) two.core().start(two.now);
  for (int round = 0; round < 20; ++round) {
    for (auto* from : {&one, &two}) {
      auto& to = from == &one ? two : one;
      for (auto& [seed, request] : std::exchange(from->asked, {})) {
        to.core().on_join(1, request, to.now);
        auto answer = std::get<join_refused>(to.answers.back().second);
        from->core().on_join_refused(seed, answer, from->now);
      }
      from->run(11000);
    }
  }
  CHECK(one.core().state() == nullptr);
  CHECK(two.core().state() == nullptr);
}

TEST_CASE("an acceptance that does not name this store is not believed") {
  auto options = node_options(9);
  options.seeds = {{"a", 1}};
  membership_node node{options};
  (void) node.core().start(node.now);
  node.core().on_join_accepted({some_state(3)});
  CHECK(node.saves.empty());
  auto other = some_state(3);
  other.params.groups = 4;
  other.members.merge(some_member(9, member_state::joining));
  node.core().on_join_accepted({other});
  CHECK(node.saves.empty());
  CHECK(node.core().counters().foreign == 2);
}

TEST_CASE("who was let in and stays away for an hour is removed by who let it "
          "in") {
  auto seed = member_one(2);
  seed.core().on_join(5, join_request_of(9), seed.now);
  seed.save_all();
  seed.run(3599000);
  CHECK(state_at(seed, s9) == member_state::joining);
  seed.run(2000);
  seed.save_all();
  CHECK(state_at(seed, s9) == member_state::removed);
  CHECK(seed.core().counters().joins_expired == 1);
}

TEST_CASE("who is there, or was up once, is not removed for staying away") {
  auto seed = member_one(2);
  seed.core().on_join(5, join_request_of(9), seed.now);
  seed.core().on_join(6, join_request_of(8), seed.now);
  seed.save_all();
  seed.core().on_reachable(s9, true, seed.now);
  auto up = *seed.core().state();
  up.members.merge(some_member(8));
  seed.core().on_members(store_id{8}, up, seed.now);
  seed.save_all();
  seed.run(4000000);
  seed.core().on_reachable(s9, false, seed.now);
  seed.run(3590000);
  seed.save_all();
  CHECK(state_at(seed, s9) == member_state::joining);
  CHECK(state_at(seed, store_id{8}) == member_state::up);
}

TEST_CASE("an hour of absence also counts for a seed that was restarted") {
  auto seed = member_one(2);
  seed.core().on_join(5, join_request_of(9), seed.now);
  seed.save_all();
  membership_node next{node_options(1, 3), *decode_local_record(seed.disk)};
  CHECK(next.core().start(next.now) == start_verdict::member);
  next.save_all();
  next.run(3601000);
  next.save_all();
  CHECK(state_at(next, s9) == member_state::removed);
}

TEST_CASE("a node alone and empty may go to another cluster, others not") {
  membership_node node{node_options(9)};
  CHECK(node.core().start(node.now) == start_verdict::forming);
  node.save_all();
  auto own = node.core().state()->params.id;
  CHECK(node.core().join({{"a", 1}}, true, node.now)
        == command_refusal::not_alone);
  CHECK(node.core().join({{"a", 1}}, false, node.now) == command_refusal::none);
  CHECK(node.core().state()->params.id == own);
  CHECK(node.core().make_hello().cluster.is_none());
  // Nobody is let in meanwhile: it would be left alone.
  node.core().on_join(5, join_request_of(8), node.now);
  CHECK(std::get<join_refused>(node.answers.at(0).second).why
        == join_refusal::not_ready);
  auto seed = member_one(1);
  seed.core().on_join(5, node.asked.at(0).second, seed.now);
  seed.save_all();
  node.core().on_join_accepted(std::get<join_accepted>(seed.answers[0].second));
  node.save_all();
  CHECK(node.core().state()->params.id == seed.core().state()->params.id);
  auto busy = member_one(2);
  CHECK(busy.core().join({{"a", 1}}, false, busy.now)
        == command_refusal::not_alone);
}

TEST_CASE("a disk that was lost takes the place of the old one at once") {
  auto seed = member_one(2);
  auto options = node_options(9);
  options.name = "n2";
  options.seeds = {{"a", 1}};
  options.join.replaces_namesake = true;
  membership_node node{options};
  (void) node.core().start(node.now);
  seed.core().on_join(5, node.asked[0].second, seed.now);
  node.core().on_join_refused(
    {"a", 1}, std::get<join_refused>(seed.answers.at(0).second), node.now);
  node.run(1100);
  REQUIRE(node.asked.size() == 2);
  seed.core().on_join(6, node.asked[1].second, seed.now);
  REQUIRE(seed.saves.size() == 1);
  seed.save_all();
  CHECK(state_at(seed, s2) == member_state::removed);
  CHECK(state_at(seed, s9) == member_state::joining);
}

// -- leaving ------------------------------------------------------------------

TEST_CASE("a node leaves step by step, and tells before it is gone") {
  auto node = member_one(3);
  node.core().on_reachable(s2, true, node.now);
  CHECK(node.core().leave(s1) == command_refusal::none);
  CHECK(node.drains == 0);
  node.save_all();
  CHECK(node.drains == 1);
  CHECK(state_at(node, s1) == member_state::leaving);
  node.core().on_covered();
  CHECK(node.core().step() == departure_step::draining);
  node.core().on_drained();
  node.core().on_covered();
  node.sent.clear();
  node.save_all();
  CHECK(state_at(node, s1) == member_state::removed);
  CHECK(receivers(node) == std::vector{s2, s3});
  CHECK(node.core().step() == departure_step::announcing);
  CHECK(node.lefts == 0);
  node.core().on_members(s2, *node.core().state(), node.now);
  CHECK(node.lefts == 1);
  CHECK(node.removals == 0);
}

TEST_CASE("a node that leaves does not wait for ever for the last answer") {
  auto node = member_one(2);
  node.core().on_reachable(s2, true, node.now);
  CHECK(node.core().leave(s1) == command_refusal::none);
  node.save_all();
  node.core().on_drained();
  node.core().on_covered();
  node.save_all();
  node.run(9900);
  CHECK(node.lefts == 0);
  node.run(200);
  CHECK(node.lefts == 1);
}

TEST_CASE("a node that is asked to leave by another one does") {
  auto node = member_one(2);
  auto news = *node.core().state();
  news.members.merge(some_member(1, member_state::leaving));
  node.core().on_members(s2, news, node.now);
  node.save_all();
  CHECK(node.drains == 1);
  // Also when it is restarted in between.
  membership_node next{node_options(1, 3), *decode_local_record(node.disk)};
  (void) next.core().start(next.now);
  next.save_all();
  CHECK(next.drains == 1);
}

TEST_CASE("a node that was removed by force stops, and is silent") {
  auto node = member_one(3);
  auto news = *node.core().state();
  news.members.merge(some_member(1, member_state::removed));
  node.core().on_members(s2, news, node.now);
  node.save_all();
  CHECK(node.removals == 1);
  node.sent.clear();
  node.run(60000);
  node.core().on_members(s3, some_state(3), node.now);
  node.core().on_version(s3, 5, node.now);
  CHECK(node.sent.empty());
  CHECK(node.removals == 1);
}

TEST_CASE("commands that make no sense are refused with a reason") {
  membership_node nobody{node_options(1)};
  CHECK(nobody.core().leave(s1) == command_refusal::no_cluster);
  CHECK(nobody.core().remove(s2) == command_refusal::no_cluster);
  auto node = member_one(2);
  CHECK(node.core().remove(s1) == command_refusal::is_self);
  CHECK(node.core().remove(s9) == command_refusal::unknown_store);
  CHECK(node.core().leave(s9) == command_refusal::unknown_store);
  CHECK(node.core().remove(s2) == command_refusal::none);
  CHECK(node.core().remove(s2) == command_refusal::already_removed);
  CHECK(node.core().leave(s2) == command_refusal::already_removed);
  CHECK(node.core().leave(s1) == command_refusal::last_member);
}

} // namespace membership_lifecycle_test
