#pragma once

#include <array>
#include <concepts>
#include <cstddef>
#include <string_view>

namespace hetzel::persistence {

template <std::unsigned_integral T>
[[nodiscard]] constexpr std::array<char, sizeof(T)>
to_little_endian(T value) noexcept {
  std::array<char, sizeof(T)> out{};
  for (std::size_t at = 0; at < sizeof(T); ++at)
    out[at] = static_cast<char>(static_cast<unsigned char>(value >> (8 * at)));
  return out;
}

/// Precondition: `bytes` holds at least `sizeof(T)` of them.
template <std::unsigned_integral T>
[[nodiscard]] constexpr T from_little_endian(std::string_view bytes) noexcept {
  T value = 0;
  for (std::size_t at = sizeof(T); at-- > 0;)
    value = static_cast<T>(value << 8 | static_cast<unsigned char>(bytes[at]));
  return value;
}

} // namespace hetzel::persistence
