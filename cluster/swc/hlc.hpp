#pragma once

#include <algorithm>
#include <cstdint>

namespace hetzel::cluster {

/// A hybrid logical clock: 48 bits of milliseconds since 1970 and 16 bits that
/// count within one. It follows the wall clock, never goes back, and is later
/// than every stamp it was shown, except for one from too far in the future.
class hybrid_clock {
public:
  /// How far a peer's stamp may drag this clock ahead of our wall clock.
  static constexpr std::uint64_t ahead_max_ms = 60'000;

  [[nodiscard]] static constexpr std::uint64_t
  stamp_of(std::uint64_t wall_ms) noexcept {
    return wall_ms << 16U;
  }

  /// A stamp later than all before.
  [[nodiscard]] std::uint64_t now(std::uint64_t wall_ms) noexcept {
    last_ = std::max(last_ + 1, stamp_of(wall_ms));
    return last_;
  }

  /// Of somebody else's stamp; false when it is too far ahead, and then the
  /// clock goes just as far as it may.
  bool observe(std::uint64_t stamp, std::uint64_t wall_ms) noexcept {
    auto limit = stamp_of(wall_ms + ahead_max_ms);
    last_ = std::max(last_, std::min(stamp, limit));
    return stamp <= limit;
  }

private:
  std::uint64_t last_ = 0;
};

} // namespace hetzel::cluster
