#include "cluster/membership/membership.hpp"
#include "test/cluster/membership_fixture.hpp"
#include "test/cluster/membership_node.hpp"

#include <doctest/doctest.h>

#include <string>
#include <utility>
#include <vector>

namespace membership_identity_test {

using namespace hetzel::cluster;
using namespace hetzel::test;

namespace {

constexpr store_id s1{1};
constexpr store_id s2{2};

} // namespace

// -- identity -----------------------------------------------------------------

TEST_CASE("a new actor is told to all, with the old one as retired") {
  auto node = member_one(2);
  node.core().set_actor(actor_id{55}, {actor_id{1002}});
  node.save_all();
  auto& facts = node.core().state()->members.find(s1)->facts;
  CHECK(facts.actor == actor_id{55});
  CHECK(facts.retired == std::vector{actor_id{1001}, actor_id{1002}});
  CHECK(receivers(node) == std::vector{s2});
  auto retired = node.core().state()->members.retired_actors();
  CHECK(retired == std::vector{actor_id{1001}, actor_id{1002}});
}

TEST_CASE("a node that moved says where it is") {
  auto node = member_one(2);
  auto before = node.core().state()->members.find(s1)->facts;
  node.core().set_addresses(before.addresses);
  CHECK(node.saves.empty());
  auto moved = before.addresses;
  moved.control.host = "10.0.0.9";
  node.core().set_addresses(moved);
  node.save_all();
  auto& facts = node.core().state()->members.find(s1)->facts;
  CHECK(facts.addresses.control.host == "10.0.0.9");
  CHECK(facts > before);
}

TEST_CASE("a store that came back from a backup gets a new generation and a "
          "new actor, and retires the ones it forgot") {
  auto node = member_one(2, 4);
  auto life = *node.core().state();
  auto lost = some_member(1, member_state::up, 7);
  lost.facts.actor = actor_id{70};
  lost.facts.retired = {actor_id{60}};
  life.members.merge(lost);
  node.core().on_members(s2, life, node.now);
  REQUIRE(node.renewals == std::vector{generation{7}});
  node.save_all();
  node.core().on_members(s2, life, node.now);
  CHECK(node.renewals.size() == 1);
  node.core().on_renewed(generation{8}, actor_id{80}, {actor_id{1004}});
  node.save_all();
  auto& facts = node.core().state()->members.find(s1)->facts;
  CHECK(facts.opened == generation{8});
  CHECK(facts.actor == actor_id{80});
  CHECK(facts.retired
        == std::vector{actor_id{60}, actor_id{70}, actor_id{1001},
                       actor_id{1004}});
  CHECK(node.superseded.empty());
}

TEST_CASE("a backup of the same generation is told from the life it forgot") {
  auto node = member_one(2, 4);
  auto life = *node.core().state();
  auto twin = some_member(1, member_state::up, 4);
  twin.facts.revision = 1U << 25U;
  life.members.merge(twin);
  node.core().on_members(s2, life, node.now);
  CHECK(node.renewals == std::vector{generation{4}});
}

TEST_CASE("what a node said itself does not make it doubt who it is") {
  auto node = member_one(2, 4);
  auto before = *node.core().state();
  node.core().set_actor(actor_id{55}, {actor_id{1004}});
  node.save_all();
  node.core().on_members(s2, before, node.now);
  node.core().on_members(s2, *node.core().state(), node.now);
  node.core().on_members(s2, some_state(2), node.now);
  node.core().on_known_generation(generation{4});
  CHECK(node.renewals.empty());
}

TEST_CASE("a node that is refused as an old process knows what that means") {
  auto node = member_one(2, 4);
  node.core().on_known_generation(generation{6});
  CHECK(node.renewals == std::vector{generation{6}});
}

TEST_CASE("of two processes with copies of one store one has to end") {
  auto one = member_one(2, 4);
  auto two = member_one(2, 4, 77);
  auto talk = [](membership_node& from, membership_node& to) {
    to.core().on_members(s2, *from.core().state(), to.now);
    to.save_all();
    if (to.renewals.empty() || to.has_renewed)
      return;
    to.has_renewed = true;
    auto next = static_cast<std::uint32_t>(to.renewals[0]) + 1;
    to.core().on_renewed(generation{next}, actor_id{next * 100},
                         {actor_id{1004}});
    to.save_all();
  };
  for (int i = 0; i < 6; ++i) {
    talk(one, two);
    talk(two, one);
  }
  CHECK(one.superseded.size() + two.superseded.size() == 1);
}

} // namespace membership_identity_test
