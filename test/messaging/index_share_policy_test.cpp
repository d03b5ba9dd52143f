#include "actors/messaging/index/share_policy.hpp"
#include "test/messaging/index_population.hpp"

#include <doctest/doctest.h>

#include <map>
#include <set>

namespace index_share_policy_test {

using namespace hetzel;
using namespace hetzel::messaging;

namespace {

constexpr share_policy all_policies[]{
  share_policy::prefer_local, share_policy::random,
  share_policy::local_only,   share_policy::prefer_online_before_local,
  share_policy::round_robin,  share_policy::sticky,
  share_policy::hash,         share_policy::hash_topic,
  share_policy::least_loaded,
};

queue_id number(std::uint32_t slot) {
  return queue_id{0, 1, slot};
}

/// A group of members 1 … size, all online and idle until told otherwise.
struct share_fixture {
  explicit share_fixture(std::uint32_t size, mqtt::qos granted = mqtt::qos{1}) {
    target.group = std::make_shared<share_identity>();
    std::vector<subscription> members;
    for (std::uint32_t i = 1; i <= size; ++i) {
      members.push_back({number(i), {granted}, 0});
      loads[number(i)] = {true, 0};
    }
    set_members(std::move(members));
  }

  void set_members(std::vector<subscription> members) {
    target.members = std::make_shared<share_members>(std::move(members));
  }

  /// The slot of the chosen queue; zero: nobody.
  std::uint32_t select(const share_request& request) {
    const auto load_of = [this](queue_id queue) {
      ++asked;
      return loads.at(queue);
    };
    const auto chosen = select_member(target, request, load_of);
    return chosen ? (*target.members)[*chosen].queue.slot() : 0;
  }

  shared_target target;
  std::map<queue_id, member_load> loads;
  int asked = 0;
};

share_request request_for(share_policy policy) {
  share_request request;
  request.policy = policy;
  request.quality = mqtt::qos::at_least_once;
  request.topic_name = "a/b";
  request.publisher = 17;
  return request;
}

} // namespace

TEST_CASE("a member that is online goes before one that is not, whatever the "
          "policy") {
  for (const auto policy : all_policies) {
    CAPTURE(to_string(policy));
    share_fixture group{8};
    for (std::uint32_t i = 1; i <= 8; ++i)
      group.loads[number(i)] = {i == 5, i == 5 ? 100U : 0U};
    test::index_population population{1};
    for (int i = 0; i < 50; ++i) {
      auto request = request_for(policy);
      request.random = population.random();
      request.publisher = population.random();
      CHECK(group.select(request) == 5);
    }
  }
}

TEST_CASE("with nobody online a member keeps QoS 1 for later, but not QoS 0") {
  for (const auto policy : all_policies) {
    CAPTURE(to_string(policy));
    share_fixture group{3};
    for (auto& [queue, load] : group.loads)
      load.is_online = false;
    auto request = request_for(policy);
    CHECK(group.select(request) != 0);
    request.quality = mqtt::qos::at_most_once;
    CHECK(group.select(request) == 0);
    request.upgrade_outgoing_qos = true;
    CHECK(group.select(request) != 0);
  }
}

TEST_CASE("an offline member that subscribed with QoS 0 is not chosen") {
  for (const auto policy : all_policies) {
    CAPTURE(to_string(policy));
    share_fixture group{3};
    group.set_members({{number(1), {mqtt::qos{0}}, 0},
                       {number(2), {mqtt::qos{1}}, 0},
                       {number(3), {mqtt::qos{0}}, 0}});
    for (auto& [queue, load] : group.loads)
      load.is_online = false;
    test::index_population population{1};
    for (int i = 0; i < 30; ++i) {
      auto request = request_for(policy);
      request.random = population.random();
      request.publisher = population.random();
      CHECK(group.select(request) == 2);
    }
  }
}

TEST_CASE("an excluded member is passed over") {
  for (const auto policy : all_policies) {
    CAPTURE(to_string(policy));
    share_fixture group{2};
    auto request = request_for(policy);
    const auto chosen = group.select(request);
    request.excluded = number(chosen);
    CHECK(group.select(request) == 3 - chosen);
    share_fixture alone{1};
    request.excluded = number(1);
    CHECK(alone.select(request) == 0);
  }
}

TEST_CASE("a group without members has nobody to choose") {
  for (const auto policy : all_policies) {
    share_fixture group{0};
    CHECK(group.select(request_for(policy)) == 0);
  }
}

TEST_CASE("random spreads evenly") {
  share_fixture group{4};
  test::index_population population{5};
  std::map<std::uint32_t, int> turns;
  auto request = request_for(share_policy::random);
  for (int i = 0; i < 4000; ++i) {
    request.random = population.random();
    ++turns[group.select(request)];
  }
  for (std::uint32_t i = 1; i <= 4; ++i)
    CHECK(std::abs(turns[i] - 1000) < 150);
}

TEST_CASE("round_robin takes one after the other") {
  share_fixture group{3};
  std::vector<std::uint32_t> order;
  for (int i = 0; i < 6; ++i)
    order.push_back(group.select(request_for(share_policy::round_robin)));
  CHECK(order == std::vector<std::uint32_t>{1, 2, 3, 1, 2, 3});
}

TEST_CASE("sticky stays with a member until it leaves or goes offline") {
  share_fixture group{5};
  test::index_population population{2};
  auto request = request_for(share_policy::sticky);
  const auto select = [&] {
    request.random = population.random();
    return group.select(request);
  };
  const auto favourite = select();
  for (int i = 0; i < 20; ++i)
    CHECK(select() == favourite);
  group.loads[number(favourite)].is_online = false;
  const auto successor = select();
  CHECK(successor != favourite);
  group.loads[number(favourite)].is_online = true;
  for (int i = 0; i < 20; ++i)
    CHECK(select() == successor);
  std::vector<subscription> left;
  for (const auto& member : *group.target.members)
    if (member.queue.slot() != successor)
      left.push_back(member);
  group.set_members(left);
  CHECK(select() != successor);
}

TEST_CASE("hash keeps a publisher with its member when others come and go") {
  constexpr std::uint32_t publishers = 1000;
  share_fixture group{10};
  auto request = request_for(share_policy::hash);
  std::vector<std::uint32_t> before;
  for (std::uint32_t i = 0; i < publishers; ++i) {
    request.publisher = queue_id{0, 1, i}.value();
    before.push_back(group.select(request));
  }
  CHECK(std::set(before.begin(), before.end()).size() == 10);
  std::vector<subscription> left{group.target.members->begin(),
                                 group.target.members->end()};
  left.erase(left.begin() + 3);
  group.set_members(left);
  for (std::uint32_t i = 0; i < publishers; ++i) {
    request.publisher = queue_id{0, 1, i}.value();
    const auto after = group.select(request);
    CHECK(after != 4);
    if (before[i] != 4)
      CHECK(after == before[i]);
  }
}

TEST_CASE("hash_topic keeps a topic with its member") {
  share_fixture group{10};
  auto request = request_for(share_policy::hash_topic);
  std::set<std::uint32_t> chosen;
  for (int i = 0; i < 200; ++i) {
    const auto name = "device/" + std::to_string(i);
    request.topic_name = name;
    request.publisher = 1;
    const auto one = group.select(request);
    request.publisher = 2;
    CHECK(group.select(request) == one);
    chosen.insert(one);
  }
  CHECK(chosen.size() == 10);
}

TEST_CASE("least_loaded takes the shortest queue; equals take turns") {
  share_fixture group{4};
  for (std::uint32_t i = 1; i <= 4; ++i)
    group.loads[number(i)].depth = i == 3 ? 2 : 10;
  CHECK(group.select(request_for(share_policy::least_loaded)) == 3);
  group.loads[number(3)].depth = 10;
  std::set<std::uint32_t> chosen;
  for (int i = 0; i < 8; ++i)
    chosen.insert(group.select(request_for(share_policy::least_loaded)));
  CHECK(chosen.size() == 4);
}

TEST_CASE("a large group costs least_loaded no more than 64 loads") {
  share_fixture group{10'000};
  CHECK(group.select(request_for(share_policy::least_loaded)) != 0);
  CHECK(group.asked <= 64);
}

TEST_CASE("other policies ask for one load when members are online") {
  for (const auto policy : all_policies) {
    if (policy == share_policy::least_loaded)
      continue;
    share_fixture group{100};
    CHECK(group.select(request_for(policy)) != 0);
    CHECK(group.asked == 1);
  }
}

TEST_CASE("policies have names, each its own") {
  for (const auto policy : all_policies)
    CHECK(share_policy_of(to_string(policy)) == policy);
  CHECK_FALSE(share_policy_of("fastest"));
  CHECK_FALSE(share_policy_of(""));
}

} // namespace index_share_policy_test
