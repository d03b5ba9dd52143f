#pragma once

#include <cstddef>
#include <cstdint>

namespace hetzel::mqtt {

/// Bytes that the Variable Byte Integer of `value` takes: 1…4 (MQTT 5, 1.5.5).
[[nodiscard]] constexpr std::size_t
variable_byte_integer_size(std::size_t value) noexcept {
  return value < 0x80 ? 1 : value < 0x4000 ? 2 : value < 0x20'0000 ? 3 : 4;
}

/// What stands at the front of a buffer.
struct variable_byte_integer {
  std::uint32_t value = 0;
  /// Bytes it takes; 0: incomplete, 5: more than the four that are allowed.
  std::size_t size = 0;
};

/// Reads at most `available` bytes. Over-long forms are read as they are: only
/// 5.0 forbids them, and the caller can tell by `size`.
[[nodiscard]] constexpr variable_byte_integer
read_variable_byte_integer(const char* bytes, std::size_t available) noexcept {
  std::uint32_t value = 0;
  for (std::size_t i = 0; i < available && i < 4; ++i) {
    auto byte = static_cast<unsigned char>(bytes[i]);
    value |= static_cast<std::uint32_t>(byte & 0x7F) << (7 * i);
    if ((byte & 0x80) == 0)
      return {value, i + 1};
  }
  return {0, available < 4 ? std::size_t{0} : std::size_t{5}};
}

/// Writes the shortest form and returns the place after it. Precondition:
/// `value` is at most `remaining_length_max`.
constexpr char* write_variable_byte_integer(char* to,
                                            std::uint32_t value) noexcept {
  while (value >= 0x80) {
    *to++ = static_cast<char>((value & 0x7F) | 0x80);
    value >>= 7;
  }
  *to++ = static_cast<char>(value);
  return to;
}

} // namespace hetzel::mqtt
