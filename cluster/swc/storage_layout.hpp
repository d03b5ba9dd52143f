#pragma once

#include "cluster/swc/dot.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

/// The keys of a shard in the metadata store; `g` is its number in one byte,
/// integers are big-endian, so that ranges are contiguous.
///
///   key                           value
///   01 g <key>                    record (record_codec.hpp)
///   02 g <u64 actor> <u64 n>      key whose event the dot is (dot-key map)
///   03 g 'c' <u64 actor>          01, dot set: a column of the node clock
///   03 g 'f'                      01, version vector, version vector: the
///                                 prune floor, and how far it was swept
///   03 g 'v' <u64 actor>          01, dot set: void counters of the actor
///   03 g 'w' <u64 store>          01, version vector: watermark row
///   03 g 'x' <u64 actor>          01: the actor is closed
///   05 g <key>                    empty: the record has a context
///
/// 04… belongs to the node (identity, members, parameters). Values that begin
/// with 01 have that as their version; clock_codec.hpp has their fields.

namespace hetzel::cluster {

inline constexpr std::uint8_t layout_version = 1;

/// First byte of a key.
enum class storage_table : std::uint8_t {
  records = 1,
  dots = 2,
  clocks = 3,
  node = 4,
  contexts = 5,
};

/// Third byte of a key of `clocks`.
enum class clock_row : char {
  column = 'c',
  floor = 'f',
  voids = 'v',
  watermark = 'w',
  closed = 'x',
};

/// What all keys of a table of a shard begin with; two bytes.
[[nodiscard]] std::string table_prefix(storage_table table, shard_no shard);

[[nodiscard]] std::string record_key(shard_no shard, std::string_view key);
[[nodiscard]] std::string context_key(shard_no shard, std::string_view key);
[[nodiscard]] std::string dot_key(shard_no shard, dot id);
[[nodiscard]] std::string clock_key(shard_no shard, clock_row row,
                                    std::uint64_t id = 0);

/// The dot of a key of `dots`; nothing for a key of another shape.
[[nodiscard]] std::optional<dot> dot_of_key(std::string_view key);

} // namespace hetzel::cluster
