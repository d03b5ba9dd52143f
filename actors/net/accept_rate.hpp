#pragma once

#include "protocol/basic_types.hpp"

#include <algorithm>
#include <chrono>
#include <cstdint>

namespace hetzel::net {

/// A token bucket: how many connections may be accepted now, refilled at
/// `per_second`, with room for one second's worth. Zero limits nothing.
class accept_rate {
public:
  explicit accept_rate(std::uint32_t per_second) noexcept
    : per_second_(per_second), tokens_(per_second) {}

  /// Whether one may be accepted; `take` then counts it.
  [[nodiscard]] bool may_take(mqtt::time_point now) noexcept {
    refill(now);
    return per_second_ == 0 || tokens_ >= 1;
  }
  void take() noexcept { tokens_ -= 1; }

  /// When the next one may be. Precondition: `may_take` said no.
  [[nodiscard]] mqtt::time_point next() const noexcept {
    const std::chrono::duration<double> wait{(1 - tokens_) / per_second_};
    return refilled_at_ + std::chrono::ceil<mqtt::duration>(wait);
  }

private:
  void refill(mqtt::time_point now) noexcept {
    const std::chrono::duration<double> past = now - refilled_at_;
    tokens_ = std::min<double>(per_second_,
                               tokens_ + past.count() * per_second_);
    refilled_at_ = now;
  }

  std::uint32_t per_second_;
  double tokens_;
  mqtt::time_point refilled_at_{};
};

} // namespace hetzel::net
