#include "persistence/leveldb_store.hpp"

#include "persistence/engine/engine.hpp"
#include "persistence/engine/engine_reader.hpp"
#include "persistence/engine/store_directory.hpp"

#include <leveldb/write_batch.h>

#include <algorithm>
#include <string>
#include <utility>

namespace hetzel::persistence {

namespace {

leveldb::Slice slice(std::string_view bytes) {
  return {bytes.data(), bytes.size()};
}

void count(std::atomic<std::uint64_t>& counter, std::uint64_t by = 1) {
  counter.fetch_add(by, std::memory_order_relaxed);
}

/// LevelDB leaves limits that make no sense to the caller.
store_options within_limits(store_options options) {
  options.write_buffer_bytes = std::clamp(
    options.write_buffer_bytes, std::size_t{64} << 10, std::size_t{1} << 30);
  options.max_open_files = std::clamp(options.max_open_files, 74, 50000);
  if (options.bloom_bits_per_key)
    options.bloom_bits_per_key = std::clamp(*options.bloom_bits_per_key, 1, 30);
  return options;
}

constexpr int levels = 7;

/// Behind every key that is used: none begins with so many of these.
const std::string last_key(64, '\xff');

} // namespace

// -- opening ------------------------------------------------------------------

expected<std::unique_ptr<leveldb_store>, open_error>
leveldb_store::open(const std::string& path, const store_options& options) {
  const auto limited = within_limits(options);
  auto directory = store_directory::open(path, limited.create_if_missing);
  if (!directory)
    return unexpected(std::move(directory).error());
  auto reads = std::make_shared<read_counters>();
  auto opened = open_engine(*directory, reads, limited);
  if (!opened)
    return unexpected(std::move(opened).error());
  return std::unique_ptr<leveldb_store>(
    new leveldb_store(*std::move(directory), std::move(reads),
                      *std::move(opened), limited));
}

leveldb_store::leveldb_store(std::shared_ptr<store_directory> directory,
                             std::shared_ptr<read_counters> reads,
                             std::shared_ptr<engine> opened,
                             const store_options& options)
  : directory_(std::move(directory)),
    reads_(std::move(reads)),
    options_(options),
    engine_(std::move(opened)) {}

leveldb_store::~leveldb_store() = default;

const open_report& leveldb_store::report() const noexcept {
  return directory_->report();
}

// -- reading ------------------------------------------------------------------

std::shared_lock<std::shared_mutex> leveldb_store::enter() const {
  if (recovering_.load(std::memory_order_relaxed))
    const std::lock_guard wait(recovery_);
  return std::shared_lock(gate_);
}

expected<std::optional<std::string>, errc>
leveldb_store::get(std::string_view key) const {
  const auto inside = enter();
  if (!engine_)
    return unexpected(failure_);
  return get_record(*engine_, nullptr, key);
}

std::unique_ptr<cursor> leveldb_store::scan(std::string_view from,
                                            std::string_view to) const {
  const auto inside = enter();
  return engine_ ? scan_records(engine_, nullptr, {from, to})
                 : failed_cursor(failure_);
}

std::unique_ptr<cursor> leveldb_store::scan_back(std::string_view from,
                                                 std::string_view to) const {
  const auto inside = enter();
  return engine_ ? scan_records(engine_, nullptr, {from, to, true})
                 : failed_cursor(failure_);
}

std::shared_ptr<const reader> leveldb_store::snapshot() const {
  const auto inside = enter();
  return engine_ ? snapshot_of(engine_) : failed_reader(failure_);
}

// -- writing ------------------------------------------------------------------

errc leveldb_store::write(const write_batch& batch, durability level) {
  auto why = engine_failure();
  if (why != errc::none)
    why = recover();
  if (why == errc::none)
    why = write_to_engine(batch, level);
  if (why != errc::none)
    count(writes_.failures);
  return why;
}

errc leveldb_store::engine_failure() const {
  const auto inside = enter();
  return engine_ ? engine_->failure.load() : failure_;
}

errc leveldb_store::write_to_engine(const write_batch& batch,
                                    durability level) {
  if (batch.empty() && level == durability::written)
    return errc::none;
  leveldb::WriteBatch out;
  for (const auto& operation : batch)
    if (operation.erases)
      out.Delete(slice(operation.key));
    else
      out.Put(slice(operation.key), slice(operation.sealed));
  leveldb::WriteOptions how;
  how.sync = level == durability::synced;
  const auto inside = enter();
  if (!engine_)
    return failure_;
  const auto why = errc_of(engine_->db->Write(how, &out));
  if (why != errc::none) {
    engine_->failure = why;
    return why;
  }
  count(writes_.batches);
  count(writes_.operations, batch.count());
  count(writes_.bytes, batch.size_bytes());
  count(writes_.syncs, how.sync ? 1 : 0);
  return errc::none;
}

/// An engine that failed to write is closed and opened anew, which replays its
/// log up to the failure. Reads go on with the old one until there is room for
/// that; damage does not go away by opening.
errc leveldb_store::recover() {
  const std::lock_guard alone(recovery_);
  const auto why = engine_failure();
  if (why == errc::none || why == errc::corrupt)
    return why;
  if (const auto full = directory_->try_room(); full != errc::none)
    return full;
  recovering_ = true;
  const std::unique_lock nobody_inside(gate_);
  recovering_ = false;
  if (engine_ && engine_.use_count() > 1)
    return why;
  engine_.reset();
  auto opened = open_engine(directory_, reads_, options_);
  if (!opened)
    return failure_ = opened.error().code;
  engine_ = *std::move(opened);
  count(writes_.recoveries);
  return errc::none;
}

// -- maintenance --------------------------------------------------------------

std::uint64_t leveldb_store::approximate_bytes(std::string_view from,
                                               std::string_view to) const {
  const auto inside = enter();
  if (!engine_ || (!to.empty() && to < from))
    return 0;
  const leveldb::Range range(slice(from),
                             slice(to.empty() ? std::string_view(last_key)
                                              : to));
  std::uint64_t bytes = 0;
  engine_->db->GetApproximateSizes(&range, 1, &bytes);
  return bytes;
}

void leveldb_store::compact(std::string_view from, std::string_view to) {
  const auto inside = enter();
  if (!engine_)
    return;
  const auto first = slice(from);
  const auto last = slice(to);
  engine_->db->CompactRange(&first, to.empty() ? nullptr : &last);
}

store_statistics leveldb_store::statistics() const {
  store_statistics now;
  now.batches = writes_.batches;
  now.operations = writes_.operations;
  now.batch_bytes = writes_.bytes;
  now.syncs = writes_.syncs;
  now.failed_writes = writes_.failures;
  now.recoveries = writes_.recoveries;
  now.gets = reads_->gets;
  now.scans = reads_->scans;
  now.corrupt_reads = reads_->corrupt;
  now.disk_bytes = directory_->size_bytes();
  const auto inside = enter();
  if (!engine_)
    return now;
  now.readers = static_cast<std::uint64_t>(engine_.use_count()) - 1;
  const auto property = [this](const std::string& name) {
    std::string text;
    engine_->db->GetProperty("leveldb." + name, &text);
    return text;
  };
  const auto number = [&](const std::string& name) -> std::uint64_t {
    const auto text = property(name);
    return text.empty() ? 0 : std::stoull(text);
  };
  now.memory_bytes = number("approximate-memory-usage");
  for (int level = 0; level < levels; ++level)
    now.tables.push_back(
      number("num-files-at-level" + std::to_string(level)));
  now.engine = property("stats");
  return now;
}

} // namespace hetzel::persistence
