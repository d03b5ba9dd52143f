#pragma once

#include "protocol/basic_types.hpp"

#include <algorithm>
#include <chrono>
#include <cstdint>

namespace hetzel::messaging {

/// A token bucket: how many PUBLISH packets a client may still send, refilled
/// at `per_second`, with room for one second's worth. A rate of zero limits
/// nothing.
class message_rate {
public:
  explicit message_rate(std::uint32_t per_second) noexcept
    : per_second_(per_second), tokens_(per_second) {}

  /// Counts one packet; false when no other may follow before `next`.
  [[nodiscard]] bool take(mqtt::time_point now) noexcept {
    if (per_second_ == 0)
      return true;
    refill(now);
    tokens_ -= 1;
    return tokens_ >= 1;
  }

  /// When there will be a token. Precondition: `take` said false.
  [[nodiscard]] mqtt::time_point next() const noexcept {
    const std::chrono::duration<double> wait{(1 - tokens_) / per_second_};
    return refilled_at_
           + std::chrono::ceil<mqtt::duration>(wait);
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

} // namespace hetzel::messaging
