#pragma once

#include "persistence/key_value_store.hpp"
#include "persistence/store_options.hpp"

#include <atomic>
#include <cstdint>
#include <memory>
#include <mutex>
#include <shared_mutex>
#include <string>
#include <string_view>

namespace hetzel::persistence {

struct engine;
struct read_counters;
class store_directory;

/// The store on disk: LevelDB in a directory of its own, with a lock, a layout
/// version and an audit around it. `README.md` says what is found out when.
///
/// Thread-safe. Destroying it closes the store, in order, once the last
/// snapshot and cursor have gone too.
class leveldb_store final : public key_value_store {
public:
  /// Opens the store at `path`, an existing or a new directory. A store that
  /// is refused is left as it was.
  [[nodiscard]] static expected<std::unique_ptr<leveldb_store>, open_error>
  open(const std::string& path, const store_options& options = {});

  ~leveldb_store() override;

  [[nodiscard]] expected<std::optional<std::string>, errc>
  get(std::string_view key) const override;

  [[nodiscard]] std::unique_ptr<cursor>
  scan(std::string_view from, std::string_view to) const override;

  [[nodiscard]] std::unique_ptr<cursor>
  scan_back(std::string_view from, std::string_view to) const override;

  [[nodiscard]] errc write(const write_batch& batch, durability level)
    override;

  [[nodiscard]] std::shared_ptr<const reader> snapshot() const override;

  [[nodiscard]] std::uint64_t
  approximate_bytes(std::string_view from, std::string_view to) const override;

  /// Frees what erased and replaced records between the keys still take; an
  /// empty `to` means to the end. Slow: rewrites all tables of the range.
  void compact(std::string_view from, std::string_view to);

  /// What was met at `open`.
  [[nodiscard]] const open_report& report() const noexcept;

  /// Lists the directory, so not for every second.
  [[nodiscard]] store_statistics statistics() const;

private:
  struct write_counters {
    std::atomic<std::uint64_t> batches = 0;
    std::atomic<std::uint64_t> operations = 0;
    std::atomic<std::uint64_t> bytes = 0;
    std::atomic<std::uint64_t> syncs = 0;
    std::atomic<std::uint64_t> failures = 0;
    std::atomic<std::uint64_t> recoveries = 0;
  };

  leveldb_store(std::shared_ptr<store_directory> directory,
                std::shared_ptr<read_counters> reads,
                std::shared_ptr<engine> opened, const store_options& options);

  [[nodiscard]] std::shared_lock<std::shared_mutex> enter() const;
  [[nodiscard]] errc engine_failure() const;
  [[nodiscard]] errc recover();
  [[nodiscard]] errc write_to_engine(const write_batch& batch,
                                     durability level);

  std::shared_ptr<store_directory> directory_;
  std::shared_ptr<read_counters> reads_;
  store_options options_;
  write_counters writes_;

  // Held shared for the length of a call, alone to put another engine in.
  mutable std::shared_mutex gate_;
  // Held while somebody waits for `gate_` alone, since that lock lets those
  // who share it overtake for ever.
  mutable std::mutex recovery_;
  mutable std::atomic<bool> recovering_ = false;

  // Null after an engine that failed could not be opened again: `failure_`.
  std::shared_ptr<engine> engine_;
  errc failure_ = errc::none;
};

} // namespace hetzel::persistence
