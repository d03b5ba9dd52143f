#pragma once

#include "persistence/little_endian.hpp"

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace hetzel::persistence {

/// Walks over the fields of a stored value and cannot leave it. The first
/// fault sticks: what is read then is zero or empty, so that a decoder asks
/// once, at the end. Integers are little-endian, varints LEB128 in their
/// shortest form.
class field_reader {
public:
  explicit field_reader(std::string_view bytes) noexcept : left_(bytes) {}

  [[nodiscard]] bool is_sound() const noexcept { return sound_; }

  /// Sound, and nothing is left over.
  [[nodiscard]] bool is_complete() const noexcept {
    return sound_ && left_.empty();
  }

  void require(bool condition) noexcept {
    if (!condition)
      fail();
  }

  [[nodiscard]] std::string_view take(std::uint64_t size) noexcept {
    if (size > left_.size()) {
      fail();
      return {};
    }
    const auto taken = left_.substr(0, static_cast<std::size_t>(size));
    left_.remove_prefix(taken.size());
    return taken;
  }

  /// All that is left.
  [[nodiscard]] std::string_view rest() noexcept { return take(left_.size()); }

  [[nodiscard]] std::uint8_t u8() noexcept { return fixed<std::uint8_t>(); }
  [[nodiscard]] std::uint16_t u16() noexcept { return fixed<std::uint16_t>(); }
  [[nodiscard]] std::uint32_t u32() noexcept { return fixed<std::uint32_t>(); }
  [[nodiscard]] std::uint64_t u64() noexcept { return fixed<std::uint64_t>(); }

  [[nodiscard]] std::uint64_t varint() noexcept {
    std::uint64_t value = 0;
    for (unsigned shift = 0; shift < 64; shift += 7) {
      const auto byte = u8();
      // A last byte of zero is padding; the tenth has room for one bit.
      if (!sound_ || (byte == 0 && shift != 0) || (shift == 63 && byte > 1))
        break;
      value |= std::uint64_t{byte & 0x7fU} << shift;
      if (byte < 0x80)
        return value;
    }
    fail();
    return 0;
  }

private:
  template <class T>
  [[nodiscard]] T fixed() noexcept {
    const auto bytes = take(sizeof(T));
    return sound_ ? from_little_endian<T>(bytes) : T{};
  }

  void fail() noexcept {
    sound_ = false;
    left_ = {};
  }

  std::string_view left_;
  bool sound_ = true;
};

// -- the other direction ------------------------------------------------------

inline void append_varint(std::string& out, std::uint64_t value) {
  for (; value >= 0x80; value >>= 7)
    out += static_cast<char>(static_cast<unsigned char>(value | 0x80));
  out += static_cast<char>(static_cast<unsigned char>(value));
}

template <std::unsigned_integral T>
void append_fixed(std::string& out, T value) {
  const auto bytes = to_little_endian(value);
  out.append(bytes.data(), bytes.size());
}

} // namespace hetzel::persistence
