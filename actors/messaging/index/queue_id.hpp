#pragma once

#include <compare>
#include <cstddef>
#include <cstdint>
#include <functional>

namespace hetzel::messaging {

/// Names one queue of this process: the reactor it is pinned to, the slot it
/// has in that reactor's queue table, and how often that slot was given out
/// before, so that an old id never reaches the slot's next owner. Zero is "no
/// queue". The value also serves as mqtt::publisher_id for No Local.
///
/// Ordered by value, which groups by reactor, then by generation.
class queue_id {
public:
  using reactor_type = std::uint8_t;

  static constexpr std::uint32_t generation_max = (1U << 24) - 1;

  constexpr queue_id() = default;

  constexpr explicit queue_id(std::uint64_t value) noexcept : value_(value) {}

  /// Bits of `generation` above 24 are cut off. Start generations at 1: the
  /// first slot of reactor 0 would otherwise be "no queue".
  constexpr queue_id(reactor_type reactor, std::uint32_t generation,
                     std::uint32_t slot) noexcept
    : value_(std::uint64_t{reactor} << 56
             | std::uint64_t{generation & generation_max} << 32 | slot) {}

  [[nodiscard]] constexpr reactor_type reactor() const noexcept {
    return static_cast<reactor_type>(value_ >> 56);
  }

  [[nodiscard]] constexpr std::uint32_t generation() const noexcept {
    return static_cast<std::uint32_t>(value_ >> 32) & generation_max;
  }

  [[nodiscard]] constexpr std::uint32_t slot() const noexcept {
    return static_cast<std::uint32_t>(value_);
  }

  [[nodiscard]] constexpr std::uint64_t value() const noexcept {
    return value_;
  }

  [[nodiscard]] constexpr explicit operator bool() const noexcept {
    return value_ != 0;
  }

  constexpr auto operator<=>(const queue_id&) const = default;

private:
  std::uint64_t value_ = 0;
};

} // namespace hetzel::messaging

template <>
struct std::hash<hetzel::messaging::queue_id> {
  std::size_t operator()(hetzel::messaging::queue_id id) const noexcept {
    // Fibonacci hashing: slots are consecutive, their hashes should not be.
    const auto mixed = id.value() * 0x9E37'79B9'7F4A'7C15U;
    return static_cast<std::size_t>(mixed ^ (mixed >> 32));
  }
};
