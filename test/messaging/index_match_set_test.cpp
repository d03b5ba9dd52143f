#include "actors/messaging/index/match_set.hpp"

#include "actors/messaging/index/match_builder.hpp"
#include "test/messaging/index_population.hpp"

#include <doctest/doctest.h>

#include <map>

namespace index_match_set_test {

using namespace hetzel;
using namespace hetzel::messaging;

namespace {

constexpr queue_id queue{3, 1, 5};
constexpr auto other_publisher = mqtt::publisher_id{99};

subscription with(mqtt::qos quality, bool no_local = false,
                  bool retain_as_published = false, std::uint32_t id = 0) {
  return {queue, {quality, no_local, retain_as_published}, id};
}

match_set merged(const std::vector<subscription>& overlapping) {
  match_builder builder;
  for (const auto& each : overlapping)
    builder.add(each);
  match_set set;
  builder.build(set);
  return set;
}

std::vector<std::uint32_t> ids(const match_set& set,
                               const match_target& target) {
  const auto& list = set.ids_of(target);
  auto sorted = list ? *list : std::vector<std::uint32_t>{};
  std::ranges::sort(sorted);
  return sorted;
}

} // namespace

TEST_CASE("overlapping subscriptions give one delivery of the highest QoS "
          "[MQTT-3.3.4-2]") {
  const auto set
    = merged({with(mqtt::qos{0}), with(mqtt::qos{2}), with(mqtt::qos{1})});
  REQUIRE(set.targets().size() == 1);
  CHECK(set.targets()[0].quality == mqtt::qos::exactly_once);
}

TEST_CASE("a delivery carries the identifiers of all matching subscriptions, "
          "equal ones as often as they match [MQTT-3.3.4-4]") {
  const auto set = merged(
    {with(mqtt::qos{0}, false, false, 7), with(mqtt::qos{0}),
     with(mqtt::qos{0}, false, false, 5), with(mqtt::qos{0}, false, false, 7)});
  REQUIRE(set.targets().size() == 1);
  CHECK(ids(set, set.targets()[0]) == std::vector{5U, 7U, 7U});
}

TEST_CASE("without identifiers a delivery has no list of them") {
  const auto set = merged({with(mqtt::qos{0}), with(mqtt::qos{1})});
  CHECK(set.ids_of(set.targets()[0]) == nullptr);
}

TEST_CASE("subscribers with one identifier share its list") {
  match_builder builder;
  builder.add(subscription{queue_id{0, 1, 1}, {}, 4});
  builder.add(subscription{queue_id{0, 1, 2}, {}, 4});
  builder.add(subscription{queue_id{0, 1, 3}, {}, 5});
  match_set set;
  builder.build(set);
  REQUIRE(set.targets().size() == 3);
  CHECK(set.ids_of(set.targets()[0]) == set.ids_of(set.targets()[1]));
  CHECK(ids(set, set.targets()[2]) == std::vector{5U});
}

TEST_CASE("RETAIN is kept when one of the subscriptions says so "
          "[MQTT-3.3.1-13]") {
  CHECK(merged({with(mqtt::qos{0}, false, true), with(mqtt::qos{1})})
          .targets()[0]
          .retain_as_published);
  CHECK_FALSE(merged({with(mqtt::qos{0}), with(mqtt::qos{1})})
                .targets()[0]
                .retain_as_published);
}

TEST_CASE("No Local keeps a publisher's own messages from it "
          "[MQTT-3.8.3-3]") {
  const auto set = merged({with(mqtt::qos{1}, true)});
  const auto& target = set.targets()[0];
  CHECK(set.for_publisher(target, queue.value()) == nullptr);
  CHECK(set.for_publisher(target, other_publisher) == &target);
}

TEST_CASE("a publisher hears itself through a subscription without No Local, "
          "as that one grants") {
  const auto set = merged({with(mqtt::qos{2}, true, true, 1),
                           with(mqtt::qos{0}, false, false, 2),
                           with(mqtt::qos{1}, false, false, 3)});
  const auto& target = set.targets()[0];
  const auto* own = set.for_publisher(target, queue.value());
  REQUIRE(own);
  CHECK(own->quality == mqtt::qos::at_least_once);
  CHECK_FALSE(own->retain_as_published);
  CHECK(ids(set, *own) == std::vector{2U, 3U});
  CHECK(set.for_publisher(target, other_publisher) == &target);
  CHECK(target.quality == mqtt::qos::exactly_once);
  CHECK(target.retain_as_published);
  CHECK(ids(set, target) == std::vector{1U, 2U, 3U});
}

TEST_CASE("a publisher hears nothing when all its subscriptions have "
          "No Local [MQTT-3.8.3-3]") {
  const auto set = merged({with(mqtt::qos{2}, true), with(mqtt::qos{1}, true)});
  CHECK(set.for_publisher(set.targets()[0], queue.value()) == nullptr);
}

TEST_CASE("targets are grouped by reactor, each queue once") {
  for (const bool overlap : {false, true}) {
    test::index_population population{3};
    std::map<queue_id, int> queues;
    std::vector<subscription> list;
    for (std::uint32_t i = 0; i < 500; ++i) {
      const auto reactor = static_cast<std::uint8_t>(population.below(256));
      list.push_back({queue_id{reactor, 1, i}, {}, 0});
      queues[list.back().queue] = 0;
    }
    match_builder builder;
    builder.add(list);
    if (overlap)
      builder.add(std::span{list}.first(100));
    match_set set;
    builder.build(set);
    std::size_t seen = 0;
    int reactor_before = -1;
    set.for_each_reactor([&](auto reactor, auto targets) {
      CHECK(int{reactor} > reactor_before);
      reactor_before = reactor;
      CHECK(set.targets_of(reactor).data() == targets.data());
      CHECK(set.targets_of(reactor).size() == targets.size());
      for (const auto& target : targets) {
        CHECK(target.queue.reactor() == reactor);
        CHECK(++queues.at(target.queue) == 1);
        ++seen;
      }
    });
    CHECK(seen == queues.size());
  }
}

TEST_CASE("a builder starts anew for each match") {
  match_builder builder;
  builder.add(with(mqtt::qos{2}, true, true, 1));
  match_set set;
  builder.build(set);
  builder.build(set);
  CHECK(set.empty());
  builder.add(with(mqtt::qos{0}));
  builder.build(set);
  CHECK(set.targets().size() == 1);
  CHECK(set.ids_of(set.targets()[0]) == nullptr);
}

TEST_CASE("a set of one reactor is empty for the others") {
  const auto set = merged({with(mqtt::qos{0})});
  CHECK(set.targets_of(3).size() == 1);
  CHECK(set.targets_of(2).empty());
  CHECK(set.targets_of(4).empty());
}

TEST_CASE("a queue id is made of reactor, generation and slot") {
  constexpr queue_id id{255, queue_id::generation_max, 0xFFFF'FFFF};
  CHECK(id.reactor() == 255);
  CHECK(id.generation() == queue_id::generation_max);
  CHECK(id.slot() == 0xFFFF'FFFF);
  CHECK(queue_id{id.value()} == id);
  CHECK(queue_id{1, queue_id::generation_max + 3, 9} == queue_id{1, 2, 9});
  CHECK_FALSE(queue_id{});
}

} // namespace index_match_set_test
