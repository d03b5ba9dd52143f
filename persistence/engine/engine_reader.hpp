#pragma once

#include "persistence/engine/engine.hpp"
#include "persistence/reader.hpp"

#include <memory>
#include <string_view>

namespace hetzel::persistence {

/// Records with `from <= key < to`, an empty `to` meaning to the end.
struct key_range {
  std::string_view from;
  std::string_view to;
  /// From the last to the first.
  bool backwards = false;
};

/// A cursor over an engine, of a snapshot when `at` is one; it may outlive that
/// one.
[[nodiscard]] std::unique_ptr<cursor>
scan_records(std::shared_ptr<engine> from, const leveldb::Snapshot* at,
             key_range range);

/// A snapshot of an engine.
[[nodiscard]] std::shared_ptr<const reader>
snapshot_of(std::shared_ptr<engine> from);

/// A reader of a store that could not be opened again: answers `why`.
[[nodiscard]] std::shared_ptr<const reader> failed_reader(errc why);
[[nodiscard]] std::unique_ptr<cursor> failed_cursor(errc why);

} // namespace hetzel::persistence
