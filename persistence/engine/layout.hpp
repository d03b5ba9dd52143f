#pragma once

#include "persistence/engine/file.hpp"
#include "persistence/errc.hpp"

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

/// The file `hetzel.store` that says what the directory is. Text, so that a
/// person can read it; replaced as a whole, never written in place:
///
///   hetzel store                  what it is
///   layout 1                      the version of all that stands beside it
///   state new|open|closed
///   boot <id>                     the machine's run in which that was said
///   file <size> <name>            when closed: each file of LevelDB
///   check <8 hex digits>          CRC-32C of all lines above
///
/// A later layout keeps the first two lines, so that this version can say what
/// it found. The rest is then none of its business.

namespace hetzel::persistence {

inline constexpr std::uint32_t layout_version = 1;
inline constexpr auto layout_file = "hetzel.store";
inline constexpr auto lock_file = "hetzel.lock";

enum class store_state : std::uint8_t {
  /// Being made: nothing was written by anybody yet.
  fresh,
  /// In use, or left without being closed.
  open,
  /// Closed in order; the files have exactly the sizes that are listed.
  closed,
};

struct layout {
  std::uint32_t version = layout_version;
  store_state state = store_state::fresh;
  std::string boot_id;
  std::vector<directory_entry> files;

  bool operator==(const layout&) const = default;
};

[[nodiscard]] std::string encode(const layout& what);

/// `errc::newer_layout` comes with the version in `*newer`.
[[nodiscard]] expected<layout, errc> decode_layout(std::string_view text,
                                                   std::uint32_t* newer);

/// Identifies the time from one start of the machine to the next; empty where
/// the system does not tell.
[[nodiscard]] std::string current_boot_id();

/// Whether LevelDB made a file of this name and the store needs it.
[[nodiscard]] bool is_engine_file(std::string_view name);

} // namespace hetzel::persistence
