#pragma once

#include "persistence/errc.hpp"
#include "persistence/key_value_store.hpp"
#include "persistence/store_options.hpp"
#include "persistence/write_batch.hpp"

#include <cstdint>
#include <memory>
#include <string>

namespace hetzel::persistence {

struct checkpoint_report {
  std::uint64_t records = 0;
  /// Keys and values.
  std::uint64_t record_bytes = 0;

  bool operator==(const checkpoint_report&) const = default;
};

class leveldb_store;

/// A copy of a store under way, made in steps by one thread that has other
/// things to do as well. It grows as `to`.copying, which goes with this object
/// unless the copy was completed. Holds the snapshot until then: as long as it
/// does, a store whose disk is full does not recover.
class checkpoint_copy {
public:
  /// `from` is a snapshot of a store, `to` must not exist. A rest of another
  /// copy, which a crash left there, is replaced.
  [[nodiscard]] static expected<std::unique_ptr<checkpoint_copy>, open_error>
  begin(std::shared_ptr<const reader> from, const std::string& to,
        const store_options& options = {});

  ~checkpoint_copy();

  checkpoint_copy(const checkpoint_copy&) = delete;
  checkpoint_copy& operator=(const checkpoint_copy&) = delete;

  /// Copies about a megabyte more. True: that was the last, and the copy is at
  /// `to` as a whole, synced and closed in order. After an error there is none.
  [[nodiscard]] expected<bool, open_error> step();

  [[nodiscard]] const checkpoint_report& report() const noexcept {
    return report_;
  }

private:
  checkpoint_copy(std::shared_ptr<const reader> from, std::string to);

  [[nodiscard]] errc write(durability level);
  [[nodiscard]] errc complete();
  [[nodiscard]] unexpected<open_error> give_up(errc why);

  std::shared_ptr<const reader> from_;
  std::string to_;
  std::string growing_;
  std::unique_ptr<leveldb_store> copy_;
  std::unique_ptr<cursor> at_;
  write_batch batch_;
  checkpoint_report report_;
};

/// Gives a directory that is complete and synced its name, so that it has it
/// after a power loss too.
[[nodiscard]] errc publish(const std::string& from, const std::string& to);

/// Copies a store as it is at this moment into a new one on disk at `to`,
/// while others go on using it. `to` must not exist; it appears as a whole,
/// synced and closed in order, when the copy is complete, and can be opened
/// from then on.
///
/// A damaged record is `corrupt`, and there is no copy. Takes as long as
/// reading everything, so for a thread of its own.
[[nodiscard]] expected<checkpoint_report, open_error>
checkpoint(const key_value_store& from, const std::string& to,
           const store_options& options = {});

} // namespace hetzel::persistence
