#pragma once

#include "protocol/basic_types.hpp"
#include "protocol/reason_code.hpp"
#include "protocol/utf8.hpp"
#include "protocol/variable_byte_integer.hpp"

#include <cstddef>
#include <cstdint>

namespace hetzel::mqtt {

/// A cursor over the body of one packet that cannot leave it. The first fault
/// sticks: from then on every read gives zero or nothing and the cursor is at
/// the end, so a decoder reads field by field and asks once, at the end.
class reader {
public:
  explicit reader(bytes_view bytes) noexcept
    : at_(bytes.data()), end_(bytes.data() + bytes.size()) {}

  [[nodiscard]] bool at_end() const noexcept { return at_ == end_; }

  [[nodiscard]] std::size_t left() const noexcept {
    return static_cast<std::size_t>(end_ - at_);
  }

  /// `success`, or the first fault.
  [[nodiscard]] reason_code fault() const noexcept { return fault_; }

  [[nodiscard]] bool has_failed() const noexcept {
    return fault_ != reason_code::success;
  }

  void fail(reason_code why) noexcept {
    if (!has_failed())
      fault_ = why;
    at_ = end_;
  }

  void require(bool condition, reason_code otherwise) noexcept {
    if (!condition)
      fail(otherwise);
  }

  /// A packet ends where its body ends; what is left over is malformed.
  void require_end() noexcept {
    require(at_end(), reason_code::malformed_packet);
  }

  [[nodiscard]] std::uint8_t byte() noexcept {
    if (left() < 1)
      return fail_short();
    return static_cast<std::uint8_t>(*at_++);
  }

  /// Whether the next byte is zero, which is then taken.
  [[nodiscard]] bool take_zero() noexcept {
    if (at_end() || *at_ != 0)
      return false;
    ++at_;
    return true;
  }

  [[nodiscard]] std::uint16_t two_byte_integer() noexcept {
    if (left() < 2)
      return fail_short();
    auto value
      = static_cast<std::uint16_t>(unsigned_at(0) << 8 | unsigned_at(1));
    at_ += 2;
    return value;
  }

  [[nodiscard]] std::uint32_t four_byte_integer() noexcept {
    if (left() < 4)
      return fail_short();
    auto value = unsigned_at(0) << 24 | unsigned_at(1) << 16
                 | unsigned_at(2) << 8 | unsigned_at(3);
    at_ += 4;
    return value;
  }

  /// In its shortest form [MQTT-1.5.5-1].
  [[nodiscard]] std::uint32_t variable_integer() noexcept {
    auto [value, size] = read_variable_byte_integer(at_, left());
    if (size != variable_byte_integer_size(value))
      return fail_short();
    at_ += size;
    return value;
  }

  [[nodiscard]] bytes_view take(std::size_t count) noexcept {
    if (left() < count) {
      fail(reason_code::malformed_packet);
      return {};
    }
    bytes_view taken(at_, count);
    at_ += count;
    return taken;
  }

  [[nodiscard]] bytes_view binary() noexcept {
    return take(two_byte_integer());
  }

  [[nodiscard]] bytes_view utf8_string() noexcept {
    auto text = binary();
    require(is_valid_utf8(text), reason_code::malformed_packet);
    return text;
  }

  [[nodiscard]] bytes_view rest() noexcept { return take(left()); }

private:
  [[nodiscard]] std::uint32_t unsigned_at(std::size_t index) const noexcept {
    return static_cast<unsigned char>(at_[index]);
  }

  std::uint8_t fail_short() noexcept {
    fail(reason_code::malformed_packet);
    return 0;
  }

  const char* at_;
  const char* end_;
  reason_code fault_ = reason_code::success;
};

} // namespace hetzel::mqtt
