#pragma once

#include "persistence/errc.hpp"

#include <cstdint>
#include <string>

namespace hetzel::persistence {

struct repair_report {
  /// Records in the new store.
  std::uint64_t records = 0;
  std::uint64_t record_bytes = 0;
  /// Records that were found and did not pass their checksum.
  std::uint64_t bad_records = 0;
  /// Files that could not be read, or held nothing sound.
  std::uint64_t bad_files = 0;
  /// Bytes of logs that were no sound record.
  std::uint64_t bad_log_bytes = 0;

  bool operator==(const repair_report&) const = default;
};

/// Copies what is sound of a damaged store into a new one. `from` is locked,
/// read and left as it is; `to` must not exist or be empty, and needs room for
/// twice the store (a copy goes again at the end).
///
/// What is lost is lost in any order: where a block with the newest version of
/// a record was damaged, an older version or an erased record may be back. A
/// node of a cluster should rather start empty and fetch from the others.
[[nodiscard]] expected<repair_report, open_error>
repair(const std::string& from, const std::string& to);

} // namespace hetzel::persistence
