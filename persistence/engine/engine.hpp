#pragma once

#include "persistence/engine/ordered_env.hpp"
#include "persistence/engine/store_directory.hpp"
#include "persistence/errc.hpp"
#include "persistence/store_options.hpp"

#include <leveldb/cache.h>
#include <leveldb/db.h>
#include <leveldb/filter_policy.h>

#include <atomic>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>

namespace hetzel::persistence {

[[nodiscard]] errc errc_of(const leveldb::Status& status);

/// Counted over all engines that a store has, one after the other.
struct read_counters {
  std::atomic<std::uint64_t> gets = 0;
  std::atomic<std::uint64_t> scans = 0;
  std::atomic<std::uint64_t> corrupt = 0;
};

/// An open LevelDB with all that must live as long as it. Snapshots and cursors
/// share it with the store; it closes when the last of them has gone.
struct engine {
  engine() = default;
  engine(const engine&) = delete;
  engine& operator=(const engine&) = delete;
  ~engine();

  std::shared_ptr<store_directory> directory;
  std::shared_ptr<read_counters> counters;
  ordered_env env;
  std::unique_ptr<leveldb::Logger> silence;
  std::unique_ptr<leveldb::Cache> cache;
  std::unique_ptr<const leveldb::FilterPolicy> filter;
  std::unique_ptr<leveldb::DB> db;

  /// Why writes fail until the engine is opened anew; none while they do not.
  std::atomic<errc> failure = errc::none;
};

/// Opens the database of a directory. The error may be a damaged file that only
/// LevelDB looks into, or the world's.
[[nodiscard]] expected<std::shared_ptr<engine>, open_error>
open_engine(std::shared_ptr<store_directory> directory,
            std::shared_ptr<read_counters> counters,
            const store_options& options);

/// LevelDB's options for ours; they point into `parts`.
[[nodiscard]] leveldb::Options options_of(const store_options& options,
                                          engine& parts);

/// Reads a record and verifies it; `at` may be null.
[[nodiscard]] expected<std::optional<std::string>, errc>
get_record(const engine& from, const leveldb::Snapshot* at,
           std::string_view key);

} // namespace hetzel::persistence
