/// Question: what does the store on disk take per batch, per record read and
/// per record scanned?
/// Budget of CPU on one core of a 2 GHz class machine with 20-byte keys and
/// 64-byte values: 5 us for a written batch of one, 3 us per record in written
/// batches of 100 and more, 10 us for a read among a million records, 5 us for
/// one of an absent key, 0.5 us per record scanned. A synced batch costs what
/// the disk's flush costs, whatever is in it.
///
/// HETZEL_BENCH_DIR names the directory to measure in (default: the system's
/// temporary one).

#include "persistence/crc32c.hpp"
#include "persistence/leveldb_store.hpp"
#include "persistence/memory_store.hpp"

#include <benchmark/benchmark.h>

#include <cstdlib>
#include <filesystem>
#include <random>

#include <unistd.h>

namespace {

using namespace hetzel::persistence;
namespace fs = std::filesystem;

constexpr std::size_t value_size = 64;
constexpr std::uint64_t key_count = 1'000'000;

/// As the record of a subscription: a prefix and something that is spread.
std::string key_of(std::uint64_t number) {
  std::array<char, 32> text{};
  std::snprintf(text.data(), text.size(), "\x01g%018llx",
                static_cast<unsigned long long>(number * 0x9e3779b97f4a7c15ULL
                                                >> 8));
  return text.data();
}

class bench_store {
public:
  explicit bench_store(const std::string& name) {
    const char* wanted = std::getenv("HETZEL_BENCH_DIR");
    path_ = (wanted != nullptr ? fs::path(wanted) : fs::temp_directory_path())
            / ("hetzel-bench-" + std::to_string(::getpid()) + "-" + name);
    open();
  }

  bench_store(const bench_store&) = delete;
  bench_store& operator=(const bench_store&) = delete;

  ~bench_store() {
    store_.reset();
    fs::remove_all(path_);
  }

  void open() {
    store_.reset();
    auto opened = leveldb_store::open(path_.string());
    if (!opened)
      throw std::runtime_error(opened.error().message);
    store_ = *std::move(opened);
  }

  /// `key_count` records, in an order that is not that of their keys.
  void fill() {
    write_batch batch;
    const std::string value(value_size, 'v');
    for (std::uint64_t number = 0; number < key_count; ++number) {
      batch.put(key_of(number), value);
      if (batch.count() == 1000) {
        if (store_->write(batch, durability::written) != errc::none)
          throw std::runtime_error("the store did not take a batch");
        batch.clear();
      }
    }
  }

  leveldb_store& operator*() { return *store_; }
  leveldb_store* operator->() { return store_.get(); }

private:
  fs::path path_;
  std::unique_ptr<leveldb_store> store_;
};

/// One store with a million records for all that reads.
bench_store& filled_store() {
  static bench_store store("filled");
  static const bool filled = (store.fill(), true);
  benchmark::DoNotOptimize(filled);
  return store;
}

void bm_write(benchmark::State& state, durability level) {
  const auto size = static_cast<std::size_t>(state.range(0));
  bench_store store("write");
  const std::string value(value_size, 'v');
  write_batch batch;
  std::uint64_t number = 0;
  for (auto _ : state) {
    batch.clear();
    for (std::size_t at = 0; at < size; ++at)
      batch.put(key_of(number++), value);
    if (store->write(batch, level) != errc::none)
      state.SkipWithError("the store did not take a batch");
  }
  state.SetItemsProcessed(state.iterations() * state.range(0));
}

void bm_written(benchmark::State& state) {
  bm_write(state, durability::written);
}

void bm_synced(benchmark::State& state) {
  bm_write(state, durability::synced);
}

void bm_get(benchmark::State& state) {
  auto& store = filled_store();
  std::mt19937_64 random(1);
  // Beyond `range(0)` keys there is nothing: the filter's case.
  const auto spread = static_cast<std::uint64_t>(state.range(0));
  const auto first = state.range(1) != 0 ? key_count : 0;
  for (auto _ : state)
    benchmark::DoNotOptimize(store->get(key_of(first + random() % spread)));
  state.SetItemsProcessed(state.iterations());
}

void bm_scan(benchmark::State& state) {
  auto& store = filled_store();
  std::int64_t records = 0;
  for (auto _ : state) {
    auto at = store->scan("", "");
    for (; at->valid(); at->next())
      ++records;
    if (at->status() != errc::none)
      state.SkipWithError("the scan ended early");
  }
  state.SetItemsProcessed(records);
}

void bm_open(benchmark::State& state) {
  auto& store = filled_store();
  for (auto _ : state)
    store.open();
}

void bm_memory_write(benchmark::State& state) {
  memory_store store;
  const std::string value(value_size, 'v');
  write_batch batch;
  std::uint64_t number = 0;
  for (auto _ : state) {
    batch.clear();
    for (int at = 0; at < 100; ++at)
      batch.put(key_of(number++ % 10'000), value);
    benchmark::DoNotOptimize(store.write(batch, durability::synced));
  }
  state.SetItemsProcessed(state.iterations() * 100);
}

void bm_crc32c(benchmark::State& state) {
  const std::string bytes(static_cast<std::size_t>(state.range(0)), 'b');
  for (auto _ : state)
    benchmark::DoNotOptimize(crc32c(bytes));
  state.SetBytesProcessed(state.iterations() * state.range(0));
}

BENCHMARK(bm_written)->Arg(1)->Arg(100)->Arg(1000)->UseRealTime();
BENCHMARK(bm_synced)->Arg(1)->Arg(100)->Arg(1000)->UseRealTime();
BENCHMARK(bm_get)
  ->ArgNames({"spread", "absent"})
  ->Args({1000, 0})
  ->Args({key_count, 0})
  ->Args({key_count, 1});
BENCHMARK(bm_scan)->Unit(benchmark::kMillisecond);
BENCHMARK(bm_open)->Unit(benchmark::kMillisecond)->UseRealTime();
BENCHMARK(bm_memory_write);
BENCHMARK(bm_crc32c)->Arg(64)->Arg(4096);

} // namespace

BENCHMARK_MAIN();
