#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>

/// Looking at eight bytes of text at once. A topic name is twenty bytes more
/// often than not: three words instead of twenty turns of a loop.

namespace hetzel::mqtt {

using byte_word = std::uint64_t;

/// A word with `byte` in each of its eight places.
[[nodiscard]] constexpr byte_word repeat_byte(unsigned char byte) noexcept {
  return 0x0101'0101'0101'0101U * byte;
}

[[nodiscard]] inline byte_word load_byte_word(const char* from) noexcept {
  byte_word word;
  std::memcpy(&word, from, sizeof(word));
  return word;
}

/// Non-zero exactly when a byte is NUL or above 0x7F. Subtracting one borrows
/// into the top bit of a NUL; without NUL and top bits nothing borrows.
[[nodiscard]] constexpr byte_word not_plain_ascii(byte_word word) noexcept {
  return ((word - repeat_byte(0x01)) | word) & repeat_byte(0x80);
}

/// 0x80 in each place where `word` has a zero, 0 elsewhere. Exact: no carry
/// crosses bytes.
[[nodiscard]] constexpr byte_word zero_bytes(byte_word word) noexcept {
  auto low = (word & repeat_byte(0x7F)) + repeat_byte(0x7F);
  return ~(low | word | repeat_byte(0x7F));
}

/// How many places of a `zero_bytes` mask are set. Multiplying adds the eight
/// places up in the topmost one; without -mpopcnt that beats std::popcount.
[[nodiscard]] constexpr std::size_t count_bytes(byte_word mask) noexcept {
  return ((mask >> 7) * repeat_byte(1)) >> 56;
}

/// The word without its first `count` bytes in memory; zeros take the place at
/// the other end. Precondition: `count` < 8.
[[nodiscard]] constexpr byte_word drop_bytes(byte_word word,
                                             std::size_t count) noexcept {
  return std::endian::native == std::endian::little ? word >> (8 * count)
                                                    : word << (8 * count);
}

} // namespace hetzel::mqtt
