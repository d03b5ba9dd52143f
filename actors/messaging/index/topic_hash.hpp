#pragma once

#include "protocol/basic_types.hpp"

#include <cstddef>
#include <cstdint>
#include <cstring>

/// Seeded hashing of topic names and filters. Whoever does not know the seed
/// cannot choose texts that collide. Values are for memory only: they differ
/// from machine to machine.

namespace hetzel::messaging {

/// Both halves of the 128-bit product, folded: every bit of the result depends
/// on every bit of both factors.
[[nodiscard]] inline std::uint64_t fold(std::uint64_t a,
                                        std::uint64_t b) noexcept {
  __extension__ using wide = unsigned __int128;
  const auto product = static_cast<wide>(a) * b;
  return static_cast<std::uint64_t>(product)
         ^ static_cast<std::uint64_t>(product >> 64);
}

/// Up to 8 bytes as a number.
[[nodiscard]] inline std::uint64_t load_bytes(const char* from,
                                              std::size_t size) noexcept {
  std::uint64_t value = 0;
  std::memcpy(&value, from, size);
  return value;
}

[[nodiscard]] inline std::uint64_t hash_bytes(std::uint64_t seed,
                                              mqtt::bytes_view text) noexcept {
  constexpr std::uint64_t odd_a = 0x9E37'79B9'7F4A'7C15U;
  constexpr std::uint64_t odd_b = 0xD6E8'FEB8'6659'FD93U;
  const auto* from = text.data();
  auto left = text.size();
  auto state = seed ^ odd_a;
  for (; left > 8; from += 8, left -= 8)
    state = fold(state ^ load_bytes(from, 8), odd_b);
  const auto last = left == 8 ? load_bytes(from, 8) : load_bytes(from, left);
  return fold(state ^ last, odd_b ^ text.size());
}

/// Spreads a topic over shards by mountpoint and first level, so that filters
/// whose first level is no wildcard are in the shard of the topics they match.
[[nodiscard]] inline std::uint64_t
hash_first_level(std::uint64_t seed, mqtt::bytes_view mountpoint,
                 mqtt::bytes_view topic) noexcept {
  const auto level = topic.substr(0, topic.find('/'));
  const auto prefix = mountpoint.empty() ? seed : hash_bytes(seed, mountpoint);
  return hash_bytes(~prefix, level);
}

/// The shard among `shards` of a topic name, or of a filter whose first level
/// is no wildcard.
[[nodiscard]] inline std::size_t
first_level_shard(std::uint64_t seed, mqtt::bytes_view mountpoint,
                  mqtt::bytes_view topic, std::size_t shards) noexcept {
  const auto high = hash_first_level(seed, mountpoint, topic) >> 32;
  return static_cast<std::size_t>(high * shards >> 32);
}

} // namespace hetzel::messaging
