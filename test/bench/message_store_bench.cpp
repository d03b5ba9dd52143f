/// Question: how many messages does one shard of the message store take in,
/// give back and let go of in a second, and what does a million of them cost in
/// memory and at a start?
/// Budget on one core of a 2 GHz class machine, with 64 bytes of payload:
/// 300,000 messages a second into one queue and into a thousand in batches of
/// 100 and more; 300,000 a second read in windows and erased; a million a
/// second that are acknowledged before they are written; 64 MiB of memory of
/// our own for a million messages; 300 ms to open them, most of it for the log
/// of a write buffer.
///
/// HETZEL_BENCH_DIR names the directory to measure in (default: the system's
/// temporary one). HETZEL_BENCH_BUFFER (MiB), HETZEL_BENCH_COMPRESSION and
/// HETZEL_BENCH_BLOOM (0 or 1) change how the store is run.

#include "persistence/leveldb_store.hpp"
#include "persistence/messages/durable_queue.hpp"
#include "persistence/messages/message_store.hpp"

#include <benchmark/benchmark.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <stdexcept>
#include <string>
#include <vector>

#include <unistd.h>

namespace {

using namespace hetzel::persistence;
namespace fs = std::filesystem;

constexpr std::int64_t message_count = 1'000'000;

/// A header as messaging writes it, and a topic with 64 bytes of payload.
const std::string header(8, 'h');
const std::string body(20 + 64, 'b');

int setting(const char* name, int otherwise) {
  const char* wanted = std::getenv(name);
  return wanted != nullptr ? std::atoi(wanted) : otherwise;
}

store_options bench_options() {
  auto options = message_shard_options();
  const auto buffer = setting("HETZEL_BENCH_BUFFER", 0);
  if (buffer > 0)
    options.write_buffer_bytes = static_cast<std::size_t>(buffer) << 20;
  options.compression
    = setting("HETZEL_BENCH_COMPRESSION", options.compression) != 0;
  if (setting("HETZEL_BENCH_BLOOM", options.bloom_bits_per_key ? 1 : 0) == 0)
    options.bloom_bits_per_key.reset();
  return options;
}

/// Memory of the process that no file backs, in MiB.
double own_memory() {
  std::ifstream status("/proc/self/status");
  for (std::string word; status >> word;)
    if (word == "RssAnon:") {
      double kilobytes = 0;
      status >> kilobytes;
      return kilobytes / 1024;
    }
  return 0;
}

/// A shard on disk with queues in it.
class bench_shard {
public:
  explicit bench_shard(std::size_t queues) {
    const char* wanted = std::getenv("HETZEL_BENCH_DIR");
    path_ = (wanted != nullptr ? fs::path(wanted) : fs::temp_directory_path())
            / ("hetzel-bench-" + std::to_string(::getpid()) + "-messages");
    fs::remove_all(path_);
    open();
    for (std::size_t at = 0; at < queues; ++at) {
      queues_.emplace_back(store_->allocate_queue());
      batch.create_queue(queues_.back().id(), {"", std::to_string(at)});
    }
    commit();
  }

  bench_shard(const bench_shard&) = delete;
  bench_shard& operator=(const bench_shard&) = delete;

  ~bench_shard() {
    store_.reset();
    disk_.reset();
    fs::remove_all(path_);
  }

  void open() {
    store_.reset();
    disk_.reset();
    auto opened = leveldb_store::open(path_.string(), bench_options());
    if (!opened)
      throw std::runtime_error(opened.error().message);
    disk_ = *std::move(opened);
    auto shard = message_store::open(*disk_, {});
    if (!shard)
      throw std::runtime_error(std::string(sentence(shard.error())));
    store_ = *std::move(shard);
  }

  void commit() {
    if (store_->commit(batch, durability::written) != errc::none)
      throw std::runtime_error("the store did not take a batch");
  }

  void fill(std::int64_t messages, std::int64_t batch_size) {
    for (std::int64_t at = 0; at < messages; ++at) {
      queue(at).append(batch, {header, body, {}, no_deadline});
      if (at % batch_size == batch_size - 1)
        commit();
    }
    commit();
  }

  durable_queue& queue(std::int64_t message) {
    return queues_[static_cast<std::size_t>(message) % queues_.size()];
  }

  std::vector<durable_queue>& queues() { return queues_; }
  message_store& store() { return *store_; }
  leveldb_store& disk() { return *disk_; }

  message_batch batch;

private:
  fs::path path_;
  std::unique_ptr<leveldb_store> disk_;
  std::unique_ptr<message_store> store_;
  std::vector<durable_queue> queues_;
};

/// Erases what it is given, as if a client had acknowledged it at once.
class acknowledging final : public entry_sink {
public:
  acknowledging(durable_queue& queue, message_batch& batch)
    : queue_(queue), batch_(batch) {}

  void on_entry(const entry_stub& stub, const entry_record& what) override {
    benchmark::DoNotOptimize(what.body.data());
    queue_.erase(batch_, stub);
  }

private:
  durable_queue& queue_;
  message_batch& batch_;
};

void bm_enqueue(benchmark::State& state) {
  bench_shard shard(static_cast<std::size_t>(state.range(0)));
  std::int64_t message = 0;
  for (auto _ : state) {
    for (std::int64_t at = 0; at < state.range(1); ++at)
      shard.queue(message++).append(shard.batch,
                                    {header, body, {}, no_deadline});
    shard.commit();
  }
  state.SetItemsProcessed(message);
}

/// Reads and erases all; the queues take turns.
void bm_drain(benchmark::State& state) {
  bench_shard shard(static_cast<std::size_t>(state.range(0)));
  shard.fill(message_count, 500);
  std::vector<window_request> next(shard.queues().size());
  for (auto& request : next)
    request.count_max = static_cast<std::size_t>(state.range(1));
  std::int64_t turn = 0;
  std::int64_t drained = 0;
  for (auto _ : state) {
    auto& queue = shard.queue(turn);
    auto& request = next[static_cast<std::size_t>(turn++) % next.size()];
    acknowledging client(queue, shard.batch);
    const auto seen = shard.store().read_window(queue.id(), request, client);
    request = seen.rest;
    queue.raise_floor(request.from);
    drained += static_cast<std::int64_t>(seen.count);
    shard.commit();
  }
  if (drained != message_count)
    state.SkipWithError("not everything came back");
  state.SetItemsProcessed(drained);
}

/// Acknowledged by the subscriber before the group commit.
void bm_pass_through(benchmark::State& state) {
  bench_shard shard(static_cast<std::size_t>(state.range(0)));
  std::vector<entry_stub> in_flight;
  message_batch job;
  std::int64_t message = 0;
  for (auto _ : state) {
    const auto first = message;
    in_flight.clear();
    for (std::int64_t at = 0; at < state.range(1); ++at)
      in_flight.push_back(
        shard.queue(message++).append(job, {header, body, {}, no_deadline}));
    shard.batch.append(job);
    job.clear();
    for (std::int64_t at = 0; at < state.range(1); ++at)
      shard.queue(first + at).erase(job,
                                    in_flight[static_cast<std::size_t>(at)]);
    shard.batch.append(job);
    job.clear();
    shard.commit();
  }
  state.SetItemsProcessed(message);
}

/// One message for a thousand queues.
void bm_fan_out(benchmark::State& state) {
  bench_shard shard(1000);
  body_id_source ids(0, shard.store().first_id());
  for (auto _ : state) {
    const auto reference = shard.batch.put_body(
      ids.next(), body, static_cast<std::uint32_t>(shard.queues().size()));
    for (auto& queue : shard.queues())
      queue.append(shard.batch, {header, {}, reference, no_deadline});
    shard.commit();
  }
  const auto seen = shard.store().statistics();
  if (seen.totals.bodies != static_cast<std::uint64_t>(state.iterations()))
    state.SkipWithError("the body was written more than once");
  state.SetItemsProcessed(state.iterations() * 1000);
}

void bm_open(benchmark::State& state) {
  bench_shard shard(1000);
  shard.fill(message_count, 500);
  for (auto _ : state)
    shard.open();
  state.counters["disk MiB"] = static_cast<double>(
    shard.disk().statistics().disk_bytes) / (1 << 20);
}

/// What a million messages in one queue cost, while they come in and then
/// while they are read in windows after a start.
void bm_memory(benchmark::State& state) {
  for (auto _ : state) {
    const auto before = own_memory();
    bench_shard shard(1);
    shard.fill(message_count, 500);
    state.counters["filled MiB"] = own_memory() - before;
    shard.open();
    state.counters["opened MiB"] = own_memory() - before;
    acknowledging client(shard.queues()[0], shard.batch);
    window_request request;
    for (bool at_end = false; !at_end;) {
      const auto seen
        = shard.store().read_window(shard.queues()[0].id(), request, client);
      request = seen.rest;
      at_end = seen.at_end;
      shard.commit();
    }
    state.counters["drained MiB"] = own_memory() - before;
  }
}

/// A background search of a million references.
void bm_mark(benchmark::State& state) {
  bench_shard shard(1000);
  body_id_source ids(0, shard.store().first_id());
  for (int at = 0; at < 1000; ++at) {
    const auto reference = shard.batch.put_body(ids.next(), body, 1000);
    for (auto& queue : shard.queues())
      queue.append(shard.batch, {header, {}, reference, no_deadline});
    shard.commit();
  }
  for (auto _ : state) {
    state.PauseTiming();
    shard.open();
    state.ResumeTiming();
    while (!shard.store().sweep(1000, shard.batch).idle)
      shard.commit();
  }
  state.SetItemsProcessed(state.iterations() * message_count);
}

/// A million messages; the time is that of all threads, LevelDB's own among
/// them.
#define HETZEL_BENCH_MILLION(function, queues, batch)                          \
  BENCHMARK(function)                                                          \
    ->ArgNames({"queues", "batch"})                                            \
    ->Args({queues, batch})                                                    \
    ->Iterations(message_count / (batch))                                      \
    ->MeasureProcessCPUTime()

HETZEL_BENCH_MILLION(bm_enqueue, 1, 100);
HETZEL_BENCH_MILLION(bm_enqueue, 1, 500);
HETZEL_BENCH_MILLION(bm_enqueue, 1000, 100);
HETZEL_BENCH_MILLION(bm_enqueue, 1000, 500);
HETZEL_BENCH_MILLION(bm_drain, 1, 100);
HETZEL_BENCH_MILLION(bm_drain, 1, 500);
HETZEL_BENCH_MILLION(bm_drain, 1000, 100);
HETZEL_BENCH_MILLION(bm_pass_through, 1, 500);
HETZEL_BENCH_MILLION(bm_pass_through, 1000, 500);
HETZEL_BENCH_MILLION(bm_pass_through, 1000, 5000);
BENCHMARK(bm_fan_out)->Iterations(1000)->MeasureProcessCPUTime();
BENCHMARK(bm_open)->Unit(benchmark::kMillisecond)->UseRealTime();
BENCHMARK(bm_memory)->Unit(benchmark::kMillisecond)->Iterations(1);
BENCHMARK(bm_mark)->Unit(benchmark::kMillisecond)->Iterations(1);

} // namespace

BENCHMARK_MAIN();
