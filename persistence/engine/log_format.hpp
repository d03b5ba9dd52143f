#pragma once

#include "persistence/errc.hpp"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

/// The format that LevelDB's logs and manifests share, for looking at them
/// before LevelDB does. A file is a row of blocks of 32 KiB (the last may be
/// shorter), a block a row of fragments, filled with zeros where the next head
/// would not fit. A fragment, integers little-endian:
///
///   bytes  what
///   4      masked CRC-32C of the kind and the payload
///   2      size of the payload
///   1      kind: 1 whole, 2 first, 3 middle, 4 last fragment of a record
///   n      payload

namespace hetzel::persistence {

inline constexpr std::size_t log_block_size = 32768;
inline constexpr std::size_t log_head_size = 7;

/// How a log ends, seen from its beginning.
enum class log_ending : std::uint8_t {
  /// With a whole record.
  whole,
  /// Within one, as when a write was cut short: LevelDB drops that end itself.
  cut_short,
  /// With bytes that are no record, and no sound one behind them: what a power
  /// loss leaves of unsynced writes.
  scrambled,
  /// There are sound records behind bytes that are none: damage.
  damaged,
};

struct log_audit {
  log_ending ending = log_ending::whole;
  /// Where the sound part ends: everything before it is whole records.
  std::size_t sound_bytes = 0;
  std::size_t records = 0;
};

/// Looks at every byte of a log.
[[nodiscard]] log_audit audit_log(std::string_view file);

/// Walks over the sound records of a log. Past damage it goes on with the next
/// sound record, and counts what it left out.
class log_walk {
public:
  explicit log_walk(std::string_view file) : file_(file) {}

  /// The next record, or nothing at the end.
  [[nodiscard]] std::optional<std::string> next();

  [[nodiscard]] std::size_t skipped_bytes() const noexcept { return skipped_; }

private:
  std::string_view file_;
  std::size_t at_ = 0;
  std::size_t skipped_ = 0;
};

/// Adds a record to the bytes of a log.
void append_log_record(std::string& file, std::string_view record);

} // namespace hetzel::persistence
