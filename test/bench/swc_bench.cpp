// What does the replication core cost? A local write at `written` durability,
// one or a hundred to a commit, beside 100,000 records: at most 20 µs each.
// A pull between two stores of a million records that differ in a hundred: at
// most 64 KiB on the wire and a second. What is left when all is deleted.

#include "persistence/leveldb_store.hpp"
#include "test/cluster/swc_node.hpp"

#include <benchmark/benchmark.h>

#include <cstdint>
#include <cstdio>
#include <filesystem>
#include <memory>
#include <stdexcept>
#include <string>
#include <vector>

namespace {

using namespace hetzel::cluster;
namespace persistence = hetzel::persistence;

using hetzel::test::swc_node;

std::string nth_key(std::size_t n) {
  char key[48]; // as long as any std::size_t makes it
  std::snprintf(key, sizeof key, "f/client-%08zu/sensors/t", n);
  return key;
}

/// A node on a disk of its own, and a peer to write for.
struct bench_node {
  explicit bench_node(std::uint64_t number)
    : path(std::filesystem::temp_directory_path()
           / ("hetzel-swc-bench-" + std::to_string(number))),
      node(number, open(path)) {
    node.keeps_frames = false;
    node.know({1, 2});
  }

  bench_node(const bench_node&) = delete;
  bench_node& operator=(const bench_node&) = delete;
  ~bench_node() { std::filesystem::remove_all(path); }

  static std::unique_ptr<persistence::key_value_store>
  open(const std::filesystem::path& where) {
    std::filesystem::remove_all(where);
    auto opened = persistence::leveldb_store::open(where);
    if (!opened)
      throw std::runtime_error(opened.error().message);
    return std::move(*opened);
  }

  void write(std::size_t first, std::size_t count, bool is_put) {
    std::vector<std::string> keys;
    std::vector<mutation> batch;
    for (auto n = first; n < first + count; ++n)
      keys.push_back(nth_key(n));
    for (auto& key : keys) {
      batch.push_back({key, std::nullopt});
      if (is_put)
        batch.back().value = "a value of 20 bytes.";
    }
    node.core->write(batch, 1, swc_node::now());
    node.settle();
    node.written.clear();
  }

  std::filesystem::path path;
  swc_node node;
};

void fill(bench_node& node, std::size_t records) {
  for (std::size_t n = 0; n < records; n += 1000)
    node.write(n, 1000, true);
}

void local_write(benchmark::State& state) {
  bench_node node{1};
  fill(node, 100'000);
  const auto batch = static_cast<std::size_t>(state.range(0));
  std::size_t next = 0;
  for (auto _ : state) {
    node.write(next % 100'000, batch, true);
    next += batch;
  }
  state.SetItemsProcessed(state.iterations() * state.range(0));
}
BENCHMARK(local_write)->Arg(1)->Arg(100)->Unit(benchmark::kMicrosecond);

void pull_a_hundred_of_a_million(benchmark::State& state) {
  const auto records = static_cast<std::size_t>(state.range(0));
  bench_node left{1};
  bench_node right{2};
  fill(left, records);
  std::printf("# a range pull of %zu records moved %zu bytes\n", records,
              right.node.pull(left.node, pull_mode::range));
  std::size_t bytes = 0;
  std::size_t next = 0;
  for (auto _ : state) {
    state.PauseTiming();
    for (auto n = 0; n < 100; ++n)
      left.write((next += 9973) % records, 1, true);
    state.ResumeTiming();
    bytes = right.node.pull(left.node, pull_mode::dots);
  }
  state.counters["bytes"] = static_cast<double>(bytes);
  if (right.node.core->lags(left.node.core->committed_clock()))
    state.SkipWithError("the pull did not level the clocks");
}
BENCHMARK(pull_a_hundred_of_a_million)
  ->Arg(1'000'000)
  ->Iterations(20)
  ->Unit(benchmark::kMillisecond);

void delete_everything(benchmark::State& state) {
  for (auto _ : state) {
    bench_node left{1};
    bench_node right{2};
    constexpr std::size_t records = 100'000;
    fill(left, records);
    (void) right.node.pull(left.node, pull_mode::dots);
    for (std::size_t n = 0; n < records; n += 1000)
      left.write(n, 1000, false);
    (void) right.node.pull(left.node, pull_mode::dots);
    (void) left.node.pull(right.node, pull_mode::dots);
    for (auto* each : {&left.node, &right.node}) {
      while (each->core->collect())
        each->settle();
      each->settle();
    }
    std::size_t rows = 0;
    std::size_t bytes = 0;
    auto all = left.node.disk->scan("", "");
    for (; all->valid(); all->next()) {
      ++rows;
      bytes += all->key().size() + all->value().size();
    }
    state.counters["rows left"] = static_cast<double>(rows);
    state.counters["bytes left"] = static_cast<double>(bytes);
  }
}
BENCHMARK(delete_everything)->Iterations(1)->Unit(benchmark::kMillisecond);

} // namespace

BENCHMARK_MAIN();
