#pragma once

#include "persistence/errc.hpp"
#include "persistence/reader.hpp"
#include "persistence/write_batch.hpp"

#include <cstdint>
#include <memory>
#include <string_view>

namespace hetzel::persistence {

/// What a batch that was answered with `errc::none` has survived.
enum class durability : std::uint8_t {
  /// The end of this process at any moment; not the machine's. After a power
  /// loss unsynced batches may be gone, and not just the last ones: a later
  /// synced batch does not vouch for earlier unsynced ones.
  written,
  /// A power loss too, on disks that do as they are told.
  synced,
};

/// An ordered store of records that changes by whole batches. All functions
/// may be called from several threads at once; a batch is seen whole or not at
/// all, by readers and after a crash. `get` and `scan` of the store itself see
/// every batch whose `write` has returned.
///
/// All calls block on the disk: not for event-based actors.
class key_value_store : public reader {
public:
  /// Applies a batch. With any other answer than `errc::none` its fate is
  /// open: no reader sees it now, but once a later write has succeeded, or
  /// after the next start, it is there whole or not at all. To write it again
  /// is always right. An empty batch with `synced` makes durable what was
  /// written before.
  ///
  /// After a failure later writes fail as well until the cause has gone; they
  /// then work again without further ado, as soon as no snapshot or cursor
  /// from before the failure is held any more.
  [[nodiscard]] virtual errc write(const write_batch& batch, durability level)
    = 0;

  /// The records as they are now, unchanged by later writes. Holding one keeps
  /// old records on disk, so let it go in time. May outlive the store.
  [[nodiscard]] virtual std::shared_ptr<const reader> snapshot() const = 0;

  /// About how many bytes the records with `from <= key < to` take on disk;
  /// an empty `to` means to the end. Recent writes may not be counted yet.
  [[nodiscard]] virtual std::uint64_t
  approximate_bytes(std::string_view from, std::string_view to) const = 0;
};

} // namespace hetzel::persistence
