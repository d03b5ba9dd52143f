#pragma once

#include "protocol/expected.hpp"

#include <cstdint>
#include <string>
#include <string_view>

namespace hetzel::persistence {

using mqtt::expected;
using mqtt::unexpected;

/// What can keep a store from doing what it was asked. All of it is the
/// world's fault; a broken invariant of ours ends the program instead.
enum class errc : std::uint8_t {
  /// Done as asked.
  none,
  /// The operating system failed a read, a write or a sync.
  io_error,
  /// No room, no quota, or a limit on the size of a file. The store works on
  /// when there is room again.
  disk_full,
  /// What is on disk is not what was written. Nothing was changed; `repair`
  /// copies what is sound to another place.
  corrupt,
  /// Written by a later version of this program.
  newer_layout,
  /// Another process, or another part of this one, has the store open.
  in_use,
  /// The path, or a part of it, is a file.
  not_a_directory,
  /// The directory holds something else than a store.
  not_a_store,
  /// There is no such store and none was to be made.
  not_found,
  /// The user that this process runs as may not read or write there.
  permission_denied,
  /// Too many files are open in this process or on this machine.
  too_many_files,
  /// A message store of another shard, or of another number of shards.
  wrong_shard,
};

/// A sentence a person understands, without the path and without a full stop.
[[nodiscard]] std::string_view sentence(errc code) noexcept;

/// The name of the value, as metrics and log lines spell it.
[[nodiscard]] std::string_view name(errc code) noexcept;

/// Why a store was not opened. The message is one line: the path or the file,
/// what was found there, what to do.
struct open_error {
  errc code = errc::none;
  std::string message;

  bool operator==(const open_error&) const = default;
};

} // namespace hetzel::persistence
