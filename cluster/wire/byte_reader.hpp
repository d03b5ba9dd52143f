#pragma once

#include "cluster/errc.hpp"

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace hetzel::cluster {

/// A cursor over bytes that somebody else wrote and that cannot leave them.
/// The first fault sticks: from then on every read gives zero or nothing, so a
/// decoder reads field by field and asks once, at the end. Fixed integers are
/// little-endian; varints are LEB128 in their shortest form.
class byte_reader {
public:
  explicit byte_reader(std::string_view bytes) noexcept : left_(bytes) {}

  [[nodiscard]] bool at_end() const noexcept { return left_.empty(); }
  [[nodiscard]] std::size_t left() const noexcept { return left_.size(); }
  [[nodiscard]] bool has_failed() const noexcept {
    return fault_ != errc::none;
  }

  /// The first fault; of a reader at its end without one, `none`. Bytes left
  /// over are a fault.
  [[nodiscard]] errc finish() noexcept {
    require(at_end());
    return fault_;
  }

  void fail(errc why = errc::malformed) noexcept {
    if (fault_ == errc::none)
      fault_ = why;
    left_ = {};
  }

  void require(bool condition, errc otherwise = errc::malformed) noexcept {
    if (!condition)
      fail(otherwise);
  }

  [[nodiscard]] std::uint8_t u8() noexcept {
    return static_cast<std::uint8_t>(fixed(1));
  }
  [[nodiscard]] std::uint32_t u32() noexcept {
    return static_cast<std::uint32_t>(fixed(4));
  }
  [[nodiscard]] std::uint64_t u64() noexcept { return fixed(8); }

  [[nodiscard]] std::uint64_t varint() noexcept;

  /// How many elements follow that take at least `size_min` bytes each: never
  /// more than there are bytes for, so it is safe to reserve for them.
  [[nodiscard]] std::size_t count(std::size_t size_min) noexcept {
    auto elements = varint();
    if (elements > left_.size() / size_min)
      fail();
    return has_failed() ? 0 : static_cast<std::size_t>(elements);
  }

  /// A varint with the length, then the bytes.
  [[nodiscard]] std::string_view block() noexcept { return take(varint()); }

  [[nodiscard]] std::string_view take(std::uint64_t size) noexcept {
    if (size > left_.size()) {
      fail();
      return {};
    }
    auto taken = left_.substr(0, static_cast<std::size_t>(size));
    left_.remove_prefix(taken.size());
    return taken;
  }

private:
  [[nodiscard]] std::uint64_t fixed(std::size_t size) noexcept {
    std::uint64_t value = 0;
    auto bytes = take(size);
    for (std::size_t i = 0; i < bytes.size(); ++i)
      value |= std::uint64_t{static_cast<unsigned char>(bytes[i])} << 8 * i;
    return value;
  }

  std::string_view left_;
  errc fault_ = errc::none;
};

inline std::uint64_t byte_reader::varint() noexcept {
  std::uint64_t value = 0;
  for (unsigned shift = 0; shift < 64; shift += 7) {
    auto byte = u8();
    auto bits = std::uint64_t{byte} & 0x7F;
    // The tenth byte has room for one bit; a last byte of zero is padding.
    if (has_failed() || (shift == 63 && byte > 1)
        || (byte == 0 && shift != 0))
      break;
    value |= bits << shift;
    if (byte < 0x80)
      return value;
  }
  fail();
  return 0;
}

} // namespace hetzel::cluster
