#pragma once

#include "persistence/errc.hpp"
#include "persistence/key_value_store.hpp"
#include "persistence/store_options.hpp"

#include <cstdint>
#include <string>

namespace hetzel::persistence {

struct checkpoint_report {
  std::uint64_t records = 0;
  /// Keys and values.
  std::uint64_t record_bytes = 0;

  bool operator==(const checkpoint_report&) const = default;
};

/// Copies a store as it is at this moment into a new one on disk at `to`,
/// while others go on using it. `to` must not exist; it appears as a whole,
/// synced and closed in order, when the copy is complete, and can be opened
/// from then on. Until then it grows beside it as `to`.copying, which is left
/// there by a crash alone and is replaced by the next copy.
///
/// A damaged record is `corrupt`, and there is no copy. Holds a snapshot and
/// takes as long as reading everything, so for a thread of its own; while it
/// lasts a store whose disk is full does not recover.
[[nodiscard]] expected<checkpoint_report, open_error>
checkpoint(const key_value_store& from, const std::string& to,
           const store_options& options = {});

} // namespace hetzel::persistence
