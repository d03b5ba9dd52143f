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

template <class Number>
[[nodiscard]] inline std::uint64_t load(const char* from) noexcept {
  Number value;
  std::memcpy(&value, from, sizeof value);
  return value;
}

/// 0…8 bytes as a number, by loads that overlap: a copy of variable size would
/// cost more than the hash. Texts of one size never give the same number.
[[nodiscard]] inline std::uint64_t load_short(mqtt::bytes_view text) noexcept {
  const auto size = text.size();
  const auto* from = text.data();
  if (size >= 4)
    return load<std::uint32_t>(from)
           | load<std::uint32_t>(from + size - 4) << 32;
  if (size == 0)
    return 0;
  return load<std::uint8_t>(from) | load<std::uint8_t>(from + size / 2) << 8
         | load<std::uint8_t>(from + size - 1) << 16;
}

[[nodiscard]] inline std::uint64_t hash_bytes(std::uint64_t seed,
                                              mqtt::bytes_view text) noexcept {
  constexpr std::uint64_t odd_a = 0x9E37'79B9'7F4A'7C15U;
  constexpr std::uint64_t odd_b = 0xD6E8'FEB8'6659'FD93U;
  const auto size = text.size();
  auto state = fold(seed ^ odd_a, odd_b ^ size);
  if (size <= 8)
    return fold(state ^ load_short(text), odd_b);
  const auto* from = text.data();
  const auto* const last = from + size - 8;
  for (; from < last; from += 8)
    state = fold(state ^ load<std::uint64_t>(from), odd_b);
  return fold(state ^ load<std::uint64_t>(last), odd_a);
}

/// Extends the hash of a path of levels by one level.
[[nodiscard]] inline std::uint32_t
hash_step(std::uint32_t path_hash, std::uint64_t level_hash) noexcept {
  constexpr std::uint64_t odd = 0xA24B'AED4'963E'E407U;
  return static_cast<std::uint32_t>(fold(level_hash + path_hash, odd) >> 32);
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
