// What does it cost to find who gets a message among a million subscriptions
// (60 % exact, 25 % with '+', 15 % with '#', 4 to 6 levels)? Budget: 2 µs
// uncached, 0.2 µs cached, 300 bytes per subscription, 200,000 inserts a
// second. Topics cycle through 200,000 names, so that caches are as cold as in
// a busy node.

#include "actors/messaging/index/match_builder.hpp"
#include "actors/messaging/index/match_cache.hpp"
#include "actors/messaging/index/subscription_table.hpp"
#include "test/support/topic_population.hpp"

#include <benchmark/benchmark.h>
#include <malloc.h>

#include <chrono>
#include <shared_mutex>
#include <thread>

namespace {

using namespace hetzel::messaging;
namespace mqtt = hetzel::mqtt;
using hetzel::test::topic_population;

constexpr std::size_t subscriptions = 1'000'000;
constexpr std::size_t topics = 200'000;

std::vector<std::string> make_filters() {
  topic_population population{1};
  std::vector<std::string> filters(subscriptions);
  for (auto& filter : filters)
    filter = population.topic_filter();
  return filters;
}

/// Half of them somebody's exact filter.
const std::vector<std::string>& topic_names() {
  static const auto made = [] {
    topic_population known{1};
    topic_population other{2};
    std::vector<std::string> names;
    while (names.size() < topics) {
      auto filter = known.topic_filter();
      if (filter.find_first_of("+#") == std::string::npos)
        names.push_back(std::move(filter));
      names.push_back(other.topic_name());
    }
    return names;
  }();
  return made;
}

subscription subscriber(std::size_t i) {
  const auto reactor = static_cast<std::uint8_t>(i % 2);
  return {queue_id{reactor, 1, static_cast<std::uint32_t>(i / 2)},
          {mqtt::qos::at_least_once},
          0};
}

std::size_t allocated_bytes() {
  const auto use = mallinfo2();
  return use.uordblks + use.hblkhd;
}

subscription_table& million() {
  static subscription_table table{{.shards = 16, .hash_seed = 42}};
  static const bool is_filled = [] {
    const auto filters = make_filters();
    for (std::size_t i = 0; i < filters.size(); ++i) {
      const mqtt::parsed_filter filter{{}, filters[i]};
      table.write(table.shard_of({}, filter), [&](subscription_index& index) {
        index.insert({}, filter, subscriber(i));
      });
    }
    return true;
  }();
  benchmark::DoNotOptimize(is_filled);
  return table;
}

void build_million(benchmark::State& state) {
  const auto filters = make_filters();
  for (auto _ : state) {
    const auto before = allocated_bytes();
    subscription_index index{{.hash_seed = 42, .shares = {}, .arena = {}}};
    for (std::size_t i = 0; i < filters.size(); ++i)
      index.insert({}, {{}, filters[i]}, subscriber(i));
    state.PauseTiming();
    const auto count = static_cast<double>(index.size());
    state.counters["bytes_per_subscription"]
      = static_cast<double>(allocated_bytes() - before) / count;
    state.counters["reported_bytes"]
      = static_cast<double>(index.memory_bytes()) / count;
    state.counters["nodes"] = static_cast<double>(index.node_count());
    state.ResumeTiming();
  }
  state.SetItemsProcessed(state.iterations()
                          * static_cast<std::int64_t>(filters.size()));
}
BENCHMARK(build_million)->Unit(benchmark::kMillisecond)->Iterations(2);

void match_uncached(benchmark::State& state) {
  auto& table = million();
  const auto& names = topic_names();
  match_set found;
  std::size_t i = 0;
  std::size_t targets = 0;
  for (auto _ : state) {
    table.match(0, {}, names[i], found);
    targets += found.targets().size();
    i = i + 1 < names.size() ? i + 1 : 0;
  }
  state.counters["targets"] = benchmark::Counter(
    static_cast<double>(targets), benchmark::Counter::kAvgIterations);
}
BENCHMARK(match_uncached)->MinTime(2);

void match_new_topic_through_cache(benchmark::State& state) {
  match_cache cache{million(), 0};
  const auto& names = topic_names();
  std::size_t i = 0;
  for (auto _ : state) {
    benchmark::DoNotOptimize(cache.match({}, names[i]));
    i = i + 1 < names.size() ? i + 1 : 0;
  }
}
BENCHMARK(match_new_topic_through_cache)->MinTime(2);

void match_cached(benchmark::State& state) {
  match_cache cache{million(), 0};
  const auto& names = topic_names();
  const auto used = static_cast<std::size_t>(state.range(0));
  std::size_t i = 0;
  for (auto _ : state) {
    benchmark::DoNotOptimize(cache.match({}, names[i]));
    i = i + 1 < used ? i + 1 : 0;
  }
  state.counters["hit_rate"] = static_cast<double>(cache.counters().hits)
                               / static_cast<double>(state.iterations());
}
BENCHMARK(match_cached)->Arg(100)->Arg(3000);

void fan_out(benchmark::State& state) {
  subscription_table table{{.shards = 4}};
  const auto count = static_cast<std::size_t>(state.range(0));
  const auto filters = static_cast<std::size_t>(state.range(1));
  const std::array<mqtt::bytes_view, 2> texts{"a/b", "a/+"};
  for (std::size_t f = 0; f < filters; ++f)
    table.write(table.shard_of({}, {{}, texts[f]}), [&](auto& index) {
      for (std::size_t i = 0; i < count; ++i)
        index.insert({}, {{}, texts[f]}, subscriber(i * 7919 % count));
    });
  match_set found;
  for (auto _ : state)
    table.match(0, {}, "a/b", found);
  state.counters["targets"] = static_cast<double>(found.targets().size());
}
BENCHMARK(fan_out)->Args({1000, 1})->Args({1000, 2})->Args({10'000, 2});

void join_and_leave_a_large_filter(benchmark::State& state) {
  subscription_index index;
  for (std::size_t i = 0; i < 100'000; ++i)
    index.insert({}, {{}, "a/b"}, subscriber(i));
  std::size_t i = 0;
  for (auto _ : state) {
    index.erase({}, {{}, "a/b"}, subscriber(i).queue);
    index.insert({}, {{}, "a/b"}, subscriber(i));
    i = (i + 7919) % 100'000;
  }
}
BENCHMARK(join_and_leave_a_large_filter);

// The lock of the table against std::shared_mutex, with a reader per thread and
// nobody writing.
reader_lock slots{16};
std::shared_mutex shared;

void lock_slots(benchmark::State& state) {
  const auto reader = static_cast<reader_index>(state.thread_index());
  for (auto _ : state) {
    read_guard guard{slots, reader};
    benchmark::ClobberMemory();
  }
}
BENCHMARK(lock_slots)->Threads(1)->Threads(2);

void lock_shared_mutex(benchmark::State& state) {
  for (auto _ : state) {
    std::shared_lock guard{shared};
    benchmark::ClobberMemory();
  }
}
BENCHMARK(lock_shared_mutex)->Threads(1)->Threads(2);

} // namespace

BENCHMARK_MAIN();
