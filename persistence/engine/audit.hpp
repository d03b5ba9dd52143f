#pragma once

#include "persistence/engine/layout.hpp"
#include "persistence/errc.hpp"

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

namespace hetzel::persistence {

/// What may have happened since a store was last whole.
enum class last_end : std::uint8_t {
  /// Closed in order: nothing may differ.
  closed,
  /// The process ended, the machine did not: all that was written is there.
  killed,
  /// The machine ended: the tails of files may be missing or scrambled.
  power_lost,
};

/// A scrambled end of a log that a power loss explains.
struct torn_end {
  std::string file;
  std::size_t sound_bytes = 0;
  std::size_t torn_bytes = 0;
};

struct audit_finding {
  errc code = errc::none;
  /// One line: the file and what is wrong with it.
  std::string message;
};

struct directory_audit {
  /// `errc::none` when LevelDB may open the directory.
  audit_finding finding;
  /// Ends of logs that LevelDB would stumble over.
  std::vector<torn_end> to_cut;
  /// Bytes at the ends of logs that make no whole record.
  std::uint64_t torn_bytes = 0;
};

/// Looks for what LevelDB would pass over in silence: a log or a table that is
/// missing or too short, a manifest that lost its end, a damaged log whose
/// damage looks like its end. Reads the manifest and the logs whole, of the
/// tables just the size; changes nothing.
[[nodiscard]] directory_audit audit_directory(const std::string& directory,
                                              const layout& said, last_end how);

} // namespace hetzel::persistence
