#include "actors/messaging/index/match_cache.hpp"
#include "actors/messaging/index/subscription_table.hpp"
#include "test/messaging/index_population.hpp"

#include <doctest/doctest.h>

#include <atomic>
#include <map>
#include <thread>

namespace index_subscription_table_test {

using namespace hetzel;
using namespace hetzel::messaging;
using hetzel::test::index_population;

namespace {

constexpr queue_id first{0, 1, 1};
constexpr queue_id second{1, 1, 1};

void subscribe(subscription_table& table, const mqtt::parsed_filter& filter,
               queue_id queue, mqtt::bytes_view mountpoint = {}) {
  table.write(table.shard_of(mountpoint, filter), [&](auto& index) {
    index.insert(mountpoint, filter, {queue, {}, 0});
  });
}

void unsubscribe(subscription_table& table, const mqtt::parsed_filter& filter,
                 queue_id queue, mqtt::bytes_view mountpoint = {}) {
  table.write(table.shard_of(mountpoint, filter),
              [&](auto& index) { index.erase(mountpoint, filter, queue); });
}

std::vector<queue_id> queues_of(const match_set& found) {
  std::vector<queue_id> queues;
  for (const auto& target : found.targets())
    queues.push_back(target.queue);
  std::ranges::sort(queues);
  return queues;
}

std::vector<queue_id> match(subscription_table& table,
                            mqtt::bytes_view topic_name) {
  match_set found;
  table.match(0, {}, topic_name, found);
  return queues_of(found);
}

} // namespace

TEST_CASE("a filter is in the shard of the topics it matches, or in that of "
          "the wildcards") {
  subscription_table table{{.shards = 7}};
  CHECK(table.shard_count() == 8);
  index_population population{1};
  for (int i = 0; i < 2000; ++i) {
    const auto filter = population.topic_filter();
    const auto name = population.topic_name();
    if (!mqtt::matches(filter, name))
      continue;
    const auto shard = table.shard_of("m", {{}, filter});
    CHECK((shard == table.shard_of_topic("m", name) || shard == 7));
  }
  CHECK(table.shard_of({}, {{}, "+/a"}) == 7);
  CHECK(table.shard_of({}, {"group", "#"}) == 7);
  CHECK(table.shard_of({}, {"group", "a/b"}) == table.shard_of({}, {{}, "a"}));
}

TEST_CASE("a match brings together what a topic finds in both its shards") {
  subscription_table table{{}};
  subscribe(table, {{}, "a/b"}, first);
  subscribe(table, {{}, "+/b"}, first);
  subscribe(table, {{}, "#"}, second);
  CHECK(match(table, "a/b") == std::vector{first, second});
  CHECK(match(table, "a/c") == std::vector{second});
  unsubscribe(table, {{}, "#"}, second);
  CHECK(match(table, "a/b") == std::vector{first});
}

TEST_CASE("a shard that was rebuilt takes the place of the old one") {
  subscription_table table{{}};
  subscribe(table, {"g", "a/b"}, first);
  match_set before;
  table.match(0, {}, "a/b", before);
  auto rebuilt = table.make_index();
  rebuilt.insert({}, {"g", "a/b"}, {second, {}, 0});
  table.replace(table.shard_of({}, {"g", "a/b"}), std::move(rebuilt));
  match_set after;
  table.match(0, {}, "a/b", after);
  REQUIRE(after.shared().size() == 1);
  CHECK((*after.shared()[0].members)[0].queue == second);
  CHECK(after.shared()[0].id() == before.shared()[0].id());
}

TEST_CASE("a share group is found by its number as long as it has members") {
  subscription_table table{{}};
  subscribe(table, {"g", "a/#"}, first, "site");
  match_set found;
  table.match(0, "site", "a", found);
  const auto id = found.shared()[0].id();
  subscribe(table, {"g", "a/#"}, second, "site");
  const auto group = table.find_group(0, id);
  REQUIRE(group);
  CHECK(group->members->size() == 2);
  unsubscribe(table, {"g", "a/#"}, first, "site");
  unsubscribe(table, {"g", "a/#"}, second, "site");
  CHECK_FALSE(table.find_group(0, id));
  CHECK_FALSE(table.find_group(0, id + 1));
}

TEST_CASE("a share group that nobody holds any more is forgotten") {
  subscription_table table{{}};
  subscribe(table, {"g", "a"}, first);
  subscribe(table, {"h", "a"}, first);
  CHECK(table.statistics(0).share_groups == 2);
  unsubscribe(table, {"g", "a"}, first);
  CHECK(table.statistics(0).share_groups == 1);
  unsubscribe(table, {"h", "a"}, first);
  CHECK(table.statistics(0).share_groups == 0);
}

TEST_CASE("threads that are no reactors read by a number of their own") {
  subscription_table table{{.reactors = 2, .other_readers_max = 2}};
  const auto one = table.add_reader();
  const auto two = table.add_reader();
  REQUIRE(one);
  REQUIRE(two);
  CHECK(*one >= 2);
  CHECK(*two >= 2);
  CHECK(*one != *two);
  CHECK_FALSE(table.add_reader());
  table.remove_reader(*one);
  CHECK(table.add_reader() == one);
}

TEST_CASE("statistics count all shards") {
  subscription_table table{{}};
  for (const char* filter : {"a", "b/+", "+", "#"})
    subscribe(table, {{}, filter}, first);
  subscribe(table, {"g", "a"}, second);
  const auto sum = table.statistics(0);
  CHECK(sum.subscriptions == 5);
  CHECK(sum.share_groups == 1);
  CHECK(sum.memory_bytes > 0);
}

TEST_CASE("readers see a change whole and at once while a writer is at work") {
  // Two filters always have exactly one subscriber between them: a reader that
  // finds none or two has seen half a change.
  constexpr reader_index readers = 3;
  subscription_table table{{.reactors = readers, .shards = 1}};
  subscribe(table, {{}, "a/+"}, first);
  std::atomic<bool> is_done{false};
  std::atomic<int> torn{0};
  std::atomic<int> stale{0};
  std::atomic<std::uint64_t> written{0};
  std::vector<std::thread> threads;
  for (reader_index reader = 0; reader < readers; ++reader)
    threads.emplace_back([&, reader] {
      match_cache cache{table, reader};
      match_set found;
      while (!is_done) {
        const auto least = written.load();
        table.match(reader, {}, "a/b", found);
        torn += found.targets().size() == 1 ? 0 : 1;
        const auto& cached = cache.match({}, "a/b");
        torn += cached->targets().size() == 1 ? 0 : 1;
        // The slot is the number of the change.
        stale += cached->targets()[0].queue.slot() >= least ? 0 : 1;
      }
    });
  auto held = first;
  for (std::uint32_t i = 1; i <= 3000; ++i) {
    const queue_id next{0, 1, i};
    const auto from = i % 2 == 1 ? "a/+" : "a/b";
    const auto to = i % 2 == 1 ? "a/b" : "a/+";
    table.write(0, [&](subscription_index& index) {
      index.erase({}, {{}, from}, held);
      index.insert({}, {{}, to}, {next, {}, 0});
    });
    written = i;
    held = next;
  }
  is_done = true;
  for (auto& thread : threads)
    thread.join();
  CHECK(torn == 0);
  CHECK(stale == 0);
}

TEST_CASE("many writers and readers at once leave what they should leave") {
  constexpr std::uint32_t writers = 2;
  subscription_table table{{.reactors = 2, .shards = 2}};
  std::atomic<bool> is_done{false};
  std::vector<std::thread> reading;
  for (reader_index reader = 0; reader < 2; ++reader)
    reading.emplace_back([&, reader] {
      index_population population{reader};
      match_cache cache{table, reader, {.entries_max = 16}};
      while (!is_done) {
        const auto& found = cache.match({}, population.topic_name());
        for (const auto& group : found->shared())
          CHECK(group.members->size() > 0);
      }
    });
  std::vector<std::thread> writing;
  for (std::uint32_t writer = 0; writer < writers; ++writer)
    writing.emplace_back([&, writer] {
      index_population population{writer + 10};
      const queue_id queue{0, 1, writer};
      for (int i = 0; i < 2000; ++i) {
        const auto text = population.topic_filter();
        const mqtt::parsed_filter filter{population.one_in(3) ? "g" : "", text};
        subscribe(table, filter, queue);
        unsubscribe(table, filter, queue);
      }
    });
  for (auto& thread : writing)
    thread.join();
  is_done = true;
  for (auto& thread : reading)
    thread.join();
  CHECK(table.statistics(0).subscriptions == 0);
  CHECK(table.statistics(0).share_groups == 0);
}

} // namespace index_subscription_table_test
