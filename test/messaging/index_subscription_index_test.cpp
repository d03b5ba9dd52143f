#include "actors/messaging/index/match_builder.hpp"
#include "actors/messaging/index/subscription_index.hpp"
#include "test/messaging/index_population.hpp"

#include <doctest/doctest.h>

#include <map>
#include <tuple>

namespace index_subscription_index_test {

using namespace hetzel;
using namespace hetzel::messaging;
using hetzel::test::index_population;

namespace {

constexpr queue_id first{0, 1, 1};
constexpr queue_id second{1, 1, 1};

mqtt::parsed_filter plain(mqtt::bytes_view topic_filter) {
  return {{}, topic_filter};
}

/// The queues that a match finds, in order.
std::vector<queue_id> queues_of(const subscription_index& index,
                                mqtt::bytes_view topic_name,
                                mqtt::bytes_view mountpoint = {}) {
  match_builder builder;
  index.match(mountpoint, topic_name, builder);
  match_set found;
  builder.build(found);
  std::vector<queue_id> queues;
  for (const auto& target : found.targets())
    queues.push_back(target.queue);
  std::ranges::sort(queues);
  return queues;
}

bool reaches(mqtt::bytes_view topic_filter, mqtt::bytes_view topic_name) {
  subscription_index index;
  index.insert({}, plain(topic_filter), {first, {}, 0});
  return queues_of(index, topic_name).size() == 1;
}

/// What the index holds, as plainly as can be.
struct model {
  using key = std::tuple<std::string, std::string, std::string, queue_id>;

  std::map<key, subscription> all;

  std::vector<queue_id> queues_of(const std::string& mountpoint,
                                  const std::string& topic_name) const {
    std::vector<queue_id> queues;
    for (const auto& [name, held] : all) {
      const auto& [at, group, filter, queue] = name;
      if (group.empty() && at == mountpoint
          && mqtt::matches(filter, topic_name))
        queues.push_back(queue);
    }
    std::ranges::sort(queues);
    queues.erase(std::ranges::unique(queues).begin(), queues.end());
    return queues;
  }

  /// Group, filter, members.
  using group_list
    = std::map<std::pair<std::string, std::string>, std::vector<queue_id>>;

  group_list groups_of(const std::string& mountpoint,
                       const std::string& topic_name) const {
    group_list groups;
    for (const auto& [name, held] : all) {
      const auto& [at, group, filter, queue] = name;
      if (!group.empty() && at == mountpoint
          && mqtt::matches(filter, topic_name))
        groups[{group, filter}].push_back(queue);
    }
    return groups;
  }
};

model::group_list groups_of(const match_set& found) {
  model::group_list groups;
  for (const auto& each : found.shared()) {
    auto& members = groups[{each.group->share_group, each.group->topic_filter}];
    for (const auto& member : *each.members)
      members.push_back(member.queue);
    std::ranges::sort(members);
  }
  return groups;
}

void check_same(const subscription_index& index, const model& expected,
                const std::string& mountpoint, const std::string& topic_name) {
  CAPTURE(mountpoint);
  CAPTURE(topic_name);
  CHECK(queues_of(index, topic_name, mountpoint)
        == expected.queues_of(mountpoint, topic_name));
  match_builder builder;
  index.match(mountpoint, topic_name, builder);
  match_set found;
  builder.build(found);
  CHECK(groups_of(found) == expected.groups_of(mountpoint, topic_name));
}

void change(subscription_index& index, model& expected,
            index_population& population) {
  const auto mountpoint = population.mountpoint();
  const auto filter = population.topic_filter();
  const std::string group
    = population.one_in(4) ? (population.one_in(2) ? "g" : "h") : "";
  const auto made = population.subscription(200);
  const model::key key{mountpoint, group, filter, made.queue};
  if (population.one_in(3)) {
    CHECK(index.erase(mountpoint, {group, filter}, made.queue)
          == (expected.all.erase(key) == 1));
    return;
  }
  const auto is_new = expected.all.insert_or_assign(key, made).second;
  CHECK(index.insert(mountpoint, {group, filter}, made)
        == (is_new ? insert_outcome::inserted : insert_outcome::replaced));
}

} // namespace

TEST_CASE("'+' stands for exactly one level, an empty one too "
          "[MQTT-4.7.1-2]") {
  CHECK(reaches("a/+/c", "a/b/c"));
  CHECK(reaches("a/+/c", "a//c"));
  CHECK(reaches("+", "a"));
  CHECK(reaches("+/+", "/"));
  CHECK(reaches("/+", "/a"));
  CHECK_FALSE(reaches("+", "/a"));
  CHECK_FALSE(reaches("a/+", "a"));
  CHECK_FALSE(reaches("a/+", "a/b/c"));
}

TEST_CASE("'#' stands for the parent level and all below it "
          "[MQTT-4.7.1-1]") {
  CHECK(reaches("a/#", "a"));
  CHECK(reaches("a/#", "a/"));
  CHECK(reaches("a/#", "a/b/c/d"));
  CHECK(reaches("#", "a/b"));
  CHECK(reaches("#", "/"));
  CHECK(reaches("+/#", "a"));
  CHECK(reaches("/#", "/"));
  CHECK_FALSE(reaches("a/#", "ab"));
  CHECK_FALSE(reaches("/#", "a"));
}

TEST_CASE("empty levels count [MQTT-4.7.3-4]") {
  CHECK(reaches("/", "/"));
  CHECK(reaches("//", "//"));
  CHECK(reaches("//+", "//a"));
  CHECK_FALSE(reaches("/", "//"));
  CHECK_FALSE(reaches("a", "/a"));
  CHECK_FALSE(reaches("a/", "a"));
}

TEST_CASE("a leading wildcard does not match a name that starts with '$' "
          "[MQTT-4.7.2-1]") {
  CHECK_FALSE(reaches("#", "$SYS/uptime"));
  CHECK_FALSE(reaches("+/uptime", "$SYS/uptime"));
  CHECK_FALSE(reaches("+/#", "$SYS"));
  CHECK(reaches("$SYS/#", "$SYS/uptime"));
  CHECK(reaches("$SYS/+", "$SYS/uptime"));
  CHECK(reaches("a/+", "a/$SYS"));
}

TEST_CASE("mountpoints do not see each other's topics") {
  subscription_index index;
  index.insert("north", plain("a/b"), {first, {}, 0});
  index.insert("south", plain("a/#"), {second, {}, 0});
  CHECK(queues_of(index, "a/b", "north") == std::vector{first});
  CHECK(queues_of(index, "a/b", "south") == std::vector{second});
  CHECK(queues_of(index, "a/b").empty());
  CHECK(queues_of(index, "north/a/b").empty());
}

TEST_CASE("subscribing again replaces the options [MQTT-3.8.4-3]") {
  for (const char* filter : {"a", "+", "#"}) {
    subscription_index index;
    CHECK(index.insert({}, plain(filter), {first, {mqtt::qos{0}}, 1})
          == insert_outcome::inserted);
    CHECK(index.insert({}, plain(filter), {first, {mqtt::qos{2}}, 2})
          == insert_outcome::replaced);
    CHECK(index.size() == 1);
    match_builder builder;
    index.match({}, "a", builder);
    match_set found;
    builder.build(found);
    REQUIRE(found.targets().size() == 1);
    CHECK(found.targets()[0].quality == mqtt::qos::exactly_once);
    CHECK(*found.ids_of(found.targets()[0]) == std::vector{2U});
  }
}

TEST_CASE("erasing tells whether the subscription existed "
          "[MQTT-3.10.4-1]") {
  subscription_index index;
  index.insert({}, plain("a/+"), {first, {}, 0});
  index.insert({}, {"g", "a/+"}, {second, {}, 0});
  CHECK_FALSE(index.erase({}, plain("a/+"), second));
  CHECK_FALSE(index.erase({}, {"g", "a/+"}, first));
  CHECK_FALSE(index.erase({}, plain("a/b"), first));
  CHECK_FALSE(index.erase("site", plain("a/+"), first));
  CHECK(index.size() == 2);
  CHECK(index.erase({}, plain("a/+"), first));
  CHECK(index.erase({}, {"g", "a/+"}, second));
  CHECK_FALSE(index.erase({}, plain("a/+"), first));
  CHECK(index.empty());
}

TEST_CASE("a filter serves a thousand subscribers, each of which can leave") {
  subscription_index index;
  constexpr std::uint32_t count = 1000;
  for (std::uint32_t i = 0; i < count; ++i)
    index.insert({}, plain("a/b"), {queue_id{0, 1, i}, {}, 0});
  CHECK(queues_of(index, "a/b").size() == count);
  for (std::uint32_t i = 0; i < count; i += 2)
    CHECK(index.erase({}, plain("a/b"), queue_id{0, 1, i}));
  const auto left = queues_of(index, "a/b");
  REQUIRE(left.size() == count / 2);
  CHECK(
    std::ranges::all_of(left, [](queue_id q) { return q.slot() % 2 == 1; }));
}

TEST_CASE("a share group appears once, with all its members "
          "[MQTT-4.8.2-4]") {
  subscription_index index;
  index.insert({}, {"g", "a/+"}, {first, {mqtt::qos{1}}, 7});
  index.insert({}, {"g", "a/+"}, {second, {mqtt::qos{2}}, 0});
  index.insert({}, {"h", "a/+"}, {second, {}, 0});
  index.insert({}, {"g", "a/b"}, {second, {}, 0});
  match_builder builder;
  index.match({}, "a/b", builder);
  match_set found;
  builder.build(found);
  CHECK(found.targets().empty());
  REQUIRE(found.shared().size() == 3);
  const auto& group = found.shared()[0];
  REQUIRE(group.members->size() == 2);
  CHECK((*group.members)[0].queue == first);
  CHECK(*group.members->ids_of(0) == std::vector{7U});
  CHECK(group.members->ids_of(1) == nullptr);
  CHECK(found.shared()[1].id() != group.id());
  CHECK(found.shared()[2].id() != group.id());
}

TEST_CASE("the members of a match stay what they were when the group changes") {
  subscription_index index;
  index.insert({}, {"g", "a"}, {first, {}, 0});
  match_builder builder;
  index.match({}, "a", builder);
  match_set before;
  builder.build(before);
  index.insert({}, {"g", "a"}, {second, {}, 0});
  index.match({}, "a", builder);
  match_set after;
  builder.build(after);
  CHECK(before.shared()[0].members->size() == 1);
  CHECK(after.shared()[0].members->size() == 2);
  CHECK(before.shared()[0].id() == after.shared()[0].id());
}

TEST_CASE("what random filters find is what the definition of matching says") {
  for (std::uint64_t seed = 1; seed <= 20; ++seed) {
    CAPTURE(seed);
    index_population population{seed};
    subscription_index index{{seed, nullptr, nullptr}};
    model expected;
    for (int round = 0; round < 20; ++round) {
      for (int i = 0; i < 40; ++i)
        change(index, expected, population);
      CHECK(index.size() == expected.all.size());
      for (int i = 0; i < 15; ++i)
        check_same(index, expected, population.mountpoint(),
                   population.topic_name());
    }
  }
}

TEST_CASE("nothing is left when all have gone") {
  index_population population{7};
  subscription_index index;
  const auto memory_when_new = index.memory_bytes();
  for (int round = 0; round < 3; ++round) {
    model expected;
    for (int i = 0; i < 3000; ++i)
      change(index, expected, population);
    CHECK(index.node_count() > 0);
    for (const auto& [name, held] : expected.all) {
      const auto& [at, group, filter, queue] = name;
      CHECK(index.erase(at, {group, filter}, queue));
    }
    CHECK(index.empty());
    CHECK(index.node_count() == 0);
  }
  // Chunks of nodes are kept for the next ones; what grows with use is not.
  CHECK(index.memory_bytes() < memory_when_new + 300'000);
}

TEST_CASE("coming and going does not let memory grow") {
  index_population population{11};
  subscription_index index;
  std::vector<std::string> filters(2000);
  for (auto& filter : filters)
    filter = population.topic_filter();
  std::size_t memory_after_first = 0;
  for (int round = 0; round < 10; ++round) {
    for (const auto& filter : filters)
      index.insert({}, plain(filter), {first, {}, 0});
    for (const auto& filter : filters)
      index.erase({}, plain(filter), first);
    if (round == 0)
      memory_after_first = index.memory_bytes();
  }
  CHECK(index.memory_bytes() == memory_after_first);
}

TEST_CASE("a name of very many levels is matched") {
  const std::string deep(5000, '/');
  CHECK(reaches("#", deep));
  CHECK(reaches(deep, deep));
  CHECK(reaches("+" + deep, deep));
  CHECK_FALSE(reaches("+" + deep + "/+", deep));
}

} // namespace index_subscription_index_test
