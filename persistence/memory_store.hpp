#pragma once

#include "persistence/key_value_store.hpp"

#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace hetzel::persistence {

/// The twin of `leveldb_store` without a disk, for tests and simulations: the
/// same contract, and faults on demand. Thread-safe. A snapshot is free until
/// the next write, which then copies the whole map once.
class memory_store final : public key_value_store {
public:
  /// How an injected failure of a write ends.
  enum class write_fault : std::uint8_t {
    /// Nothing of the batch is ever seen.
    dropped,
    /// The batch had reached the log: it is there as soon as a later write
    /// succeeds, or after `restart` or `lose_power`.
    resurfaces,
  };

  memory_store();
  ~memory_store() override;

  [[nodiscard]] expected<std::optional<std::string>, errc>
  get(std::string_view key) const override;

  [[nodiscard]] std::unique_ptr<cursor>
  scan(std::string_view from, std::string_view to) const override;

  [[nodiscard]] std::unique_ptr<cursor>
  scan_back(std::string_view from, std::string_view to) const override;

  [[nodiscard]] errc write(const write_batch& batch, durability level)
    override;

  [[nodiscard]] std::shared_ptr<const reader> snapshot() const override;

  /// Exact: keys, values and their checksums.
  [[nodiscard]] std::uint64_t
  approximate_bytes(std::string_view from, std::string_view to) const override;

  // -- faults ----------------------------------------------------------------

  /// After `successes` more writes the next `count` answer `why`.
  void fail_writes(errc why, std::size_t count = 1, std::size_t successes = 0,
                   write_fault how = write_fault::dropped);

  /// After `successes` more reads (each `get`, and each record that a scan
  /// reaches) the next `count` answer `why`. Holds for snapshots too.
  void fail_reads(errc why, std::size_t count = 1, std::size_t successes = 0);

  /// Flips a bit of the stored record, so that reading it is `errc::corrupt`
  /// until it is written again. Whether there is such a record.
  bool damage(std::string_view key);

  /// The process ends and starts again: what was written is there, unsynced
  /// as before, and failed writes resurface.
  void restart();

  /// How many batches were written and not synced, those that would resurface
  /// among them.
  [[nodiscard]] std::size_t unsynced() const;

  /// The machine loses power: of the unsynced batches, in their order, the
  /// first `kept` survive. With `torn`, so many operations of the next batch
  /// survive as well: what a store without atomic batches would do. A test
  /// that passes under that has not looked.
  void lose_power(std::size_t kept = 0, std::size_t torn = 0);

private:
  using records = std::map<std::string, std::string, std::less<>>;
  class faults;
  class view;
  class map_cursor;

  struct undo_entry {
    std::string key;
    std::optional<std::string> before;
  };

  /// A batch since the last synced one, and what it replaced.
  struct unsynced_batch {
    write_batch batch;
    std::vector<undo_entry> undo;
  };

  records& own();
  std::vector<undo_entry> apply(const write_batch& batch,
                                std::size_t operations);
  void surface();
  [[nodiscard]] std::shared_ptr<const records> share() const;

  mutable std::mutex mutex_;
  std::shared_ptr<records> records_;
  // Whether somebody else may hold the map: the next write copies it.
  mutable bool shared_ = false;
  std::vector<unsynced_batch> unsynced_;
  std::vector<write_batch> hidden_;
  std::shared_ptr<faults> faults_;
};

} // namespace hetzel::persistence
