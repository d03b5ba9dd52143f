#pragma once

#include <compare>
#include <cstdint>

namespace hetzel::cluster {

/// A metadata database, for as long as its disk lives; random, never 0. A
/// wiped disk gets a new one.
enum class store_id : std::uint64_t {};

/// Who counts the events of a store; random, never 0. Shared by the shards of
/// the store, which count apart. A store takes a new one when its counters can
/// no longer be trusted; the old one is then retired.
enum class actor_id : std::uint64_t {};

/// How often a store was opened by a process.
enum class generation : std::uint32_t {};

/// A part of the key space with clocks of its own.
enum class shard_no : std::uint8_t {};

/// One event at one actor of one shard: a write or a delete. Counters begin
/// at 1; a dot is never used twice.
struct dot {
  actor_id actor{};
  std::uint64_t counter = 0;

  auto operator<=>(const dot&) const = default;
};

/// Far beyond what can be counted, far enough from the end of the type that
/// adding one to a counter needs no thought. Decoders refuse larger ones.
inline constexpr std::uint64_t counter_max = (std::uint64_t{1} << 62) - 1;

} // namespace hetzel::cluster
