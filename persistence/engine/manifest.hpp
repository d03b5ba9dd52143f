#pragma once

#include "persistence/errc.hpp"

#include <cstdint>
#include <map>
#include <string_view>

/// What LevelDB's manifest says that a directory must hold. A manifest is a log
/// (see `log_format.hpp`) of edits, an edit a row of fields, each a varint tag
/// and what belongs to it:
///
///   tag  field               what follows
///   1    comparator          string
///   2    log number          varint
///   3    next file number    varint
///   4    last sequence       varint
///   5    compaction pointer  varint level, string key
///   6    deleted table       varint level, varint number
///   7    new table           varint level, varint number, varint size,
///                            string first key, string last key
///   9    previous log        varint
///
/// A string is a varint size and that many bytes.

namespace hetzel::persistence {

struct manifest {
  /// Logs with a smaller number are done with; zero: none was made yet.
  std::uint64_t log_number = 0;
  /// Zero or a log that is needed as well.
  std::uint64_t previous_log = 0;
  /// LevelDB insists on these; not to be had from a manifest without its end.
  bool has_next_file = false;
  bool has_last_sequence = false;
  /// Size of each live table by its number.
  std::map<std::uint64_t, std::uint64_t> tables;
};

/// Adds an edit; `errc::corrupt` when it is none.
[[nodiscard]] errc apply_edit(std::string_view edit, manifest& to);

} // namespace hetzel::persistence
