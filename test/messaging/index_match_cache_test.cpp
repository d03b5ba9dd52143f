#include "actors/messaging/index/match_cache.hpp"
#include "test/messaging/index_population.hpp"

#include <doctest/doctest.h>

#include <string>

namespace index_match_cache_test {

using namespace hetzel;
using namespace hetzel::messaging;
using hetzel::test::index_population;

namespace {

constexpr queue_id first{0, 1, 1};

void subscribe(subscription_table& table, const mqtt::parsed_filter& filter,
               const subscription& added, mqtt::bytes_view mountpoint = {}) {
  table.write(table.shard_of(mountpoint, filter),
              [&](auto& index) { index.insert(mountpoint, filter, added); });
}

bool are_same(const match_set& left, const match_set& right) {
  const auto is_same = [&](const match_target& a, const match_target& b) {
    const auto& a_ids = left.ids_of(a);
    const auto& b_ids = right.ids_of(b);
    return a.queue == b.queue && a.quality == b.quality
           && a.retain_as_published == b.retain_as_published && a.own == b.own
           && (a_ids ? b_ids && *a_ids == *b_ids : !b_ids);
  };
  return std::ranges::equal(left.targets(), right.targets(), is_same)
         && std::ranges::equal(left.shared(), right.shared(), {},
                               &shared_target::id, &shared_target::id);
}

} // namespace

TEST_CASE("the second look-up of a topic is answered from the cache") {
  subscription_table table{{}};
  subscribe(table, {{}, "a/+"}, {first, {}, 0});
  match_cache cache{table, 0};
  const auto one = cache.match({}, "a/b");
  const auto two = cache.match({}, "a/b");
  CHECK(one == two);
  CHECK(one->targets().size() == 1);
  CHECK(cache.counters().misses == 1);
  CHECK(cache.counters().hits == 1);
}

TEST_CASE("a cached match ends with a change in either of its shards") {
  subscription_table table{{}};
  match_cache cache{table, 0};
  CHECK(cache.match({}, "a/b")->empty());
  subscribe(table, {{}, "a/b"}, {first, {}, 0});
  CHECK(cache.match({}, "a/b")->targets().size() == 1);
  subscribe(table, {{}, "#"}, {queue_id{0, 1, 2}, {}, 0});
  CHECK(cache.match({}, "a/b")->targets().size() == 2);
  CHECK(cache.counters().stale == 2);
}

TEST_CASE("a match that was taken from the cache outlives its place there") {
  subscription_table table{{}};
  subscribe(table, {{}, "a"}, {first, {}, 0});
  match_cache cache{table, 0};
  const auto held = cache.match({}, "a");
  cache.clear();
  subscribe(table, {{}, "a"}, {queue_id{0, 1, 2}, {}, 0});
  CHECK(cache.match({}, "a")->targets().size() == 2);
  CHECK(held->targets().size() == 1);
}

TEST_CASE("the same topic under two mountpoints is two entries") {
  subscription_table table{{}};
  subscribe(table, {{}, "b/c"}, {first, {}, 0}, "a/");
  match_cache cache{table, 0};
  CHECK(cache.match("a/", "b/c")->targets().size() == 1);
  CHECK(cache.match("a", "/b/c")->empty());
  CHECK(cache.match({}, "a/b/c")->empty());
  CHECK(cache.match("a/", "b/c")->targets().size() == 1);
  CHECK(cache.size() == 3);
}

TEST_CASE("the cache keeps to its number of entries") {
  subscription_table table{{}};
  match_cache cache{table, 0, {.entries_max = 64}};
  for (int i = 0; i < 10'000; ++i)
    (void) cache.match({}, "topic/" + std::to_string(i));
  CHECK(cache.size() <= 64);
  CHECK(cache.size() > 32);
  CHECK(cache.counters().evictions == 10'000 - cache.size());
}

TEST_CASE("a topic in use stays while others pass by") {
  subscription_table table{{}};
  match_cache cache{table, 0, {.entries_max = 64}};
  for (int i = 0; i < 10'000; ++i) {
    (void) cache.match({}, "busy");
    (void) cache.match({}, "once/" + std::to_string(i));
  }
  CHECK(cache.counters().hits > 9'900);
}

TEST_CASE("the cache keeps to its memory") {
  subscription_table table{{}};
  constexpr std::uint32_t subscribers = 1000;
  for (std::uint32_t i = 0; i < subscribers; ++i)
    subscribe(table, {{}, "#"}, {queue_id{0, 1, i}, {}, 0});
  constexpr std::size_t limit = 1 << 20;
  match_cache cache{table, 0, {.memory_bytes_max = limit}};
  const auto empty = cache.memory_bytes();
  for (int i = 0; i < 1000; ++i) {
    const auto& found = cache.match({}, "topic/" + std::to_string(i));
    CHECK(found->targets().size() == subscribers);
    CHECK(cache.memory_bytes() - empty <= limit);
  }
  CHECK(cache.size() > 30);
  cache.clear();
  CHECK(cache.memory_bytes() == empty);
}

TEST_CASE("what is too large to keep is matched anew each time") {
  subscription_table table{{}};
  for (std::uint32_t i = 0; i < 1000; ++i)
    subscribe(table, {{}, "many"}, {queue_id{0, 1, i}, {}, 0});
  const std::string long_name(100, 'x');
  subscribe(table, {{}, long_name}, {first, {}, 0});
  match_cache cache{
    table, 0, {.memory_bytes_max = 64'000, .topic_size_max = 50}};
  for (int i = 0; i < 2; ++i) {
    CHECK(cache.match({}, "many")->targets().size() == 1000);
    CHECK(cache.match({}, long_name)->targets().size() == 1);
  }
  CHECK(cache.size() == 0);
  CHECK(cache.counters().misses == 4);
}

TEST_CASE("a cached match says what a fresh one says, whatever changes") {
  for (std::uint64_t seed = 1; seed <= 10; ++seed) {
    CAPTURE(seed);
    index_population population{seed};
    subscription_table table{{.shards = 4, .hash_seed = seed}};
    match_cache cache{table, 0, {.entries_max = 32}};
    match_set fresh;
    for (int i = 0; i < 3000; ++i) {
      if (population.one_in(10)) {
        const auto mountpoint = population.mountpoint();
        const auto text = population.topic_filter();
        const mqtt::parsed_filter filter{population.one_in(4) ? "g" : "", text};
        const auto changed = population.subscription(50);
        table.write(table.shard_of(mountpoint, filter), [&](auto& index) {
          if (population.one_in(2))
            index.erase(mountpoint, filter, changed.queue);
          else
            index.insert(mountpoint, filter, changed);
        });
      }
      const auto mountpoint = population.mountpoint();
      const auto name = population.topic_name();
      const auto& cached = cache.match(mountpoint, name);
      table.match(0, mountpoint, name, fresh);
      CHECK(are_same(*cached, fresh));
    }
    CHECK(cache.counters().hits > 50);
    CHECK(cache.counters().stale > 50);
  }
}

} // namespace index_match_cache_test
