#pragma once

#include "persistence/engine/engine.hpp"
#include "persistence/reader.hpp"

#include <memory>

namespace hetzel::persistence {

/// A cursor over an engine, of a snapshot when `at` is one; it may outlive that
/// one.
[[nodiscard]] std::unique_ptr<cursor>
scan_records(std::shared_ptr<engine> from, const leveldb::Snapshot* at,
             std::string_view first, std::string_view behind_last);

/// A snapshot of an engine.
[[nodiscard]] std::shared_ptr<const reader>
snapshot_of(std::shared_ptr<engine> from);

/// A reader of a store that could not be opened again: answers `why`.
[[nodiscard]] std::shared_ptr<const reader> failed_reader(errc why);
[[nodiscard]] std::unique_ptr<cursor> failed_cursor(errc why);

} // namespace hetzel::persistence
