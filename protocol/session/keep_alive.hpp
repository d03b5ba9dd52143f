#pragma once

#include "protocol/basic_types.hpp"

#include <chrono>
#include <optional>

namespace hetzel::mqtt {

/// The time a client may be silent: one and a half times its Keep Alive
/// [MQTT-3.1.2-22]. Noting a packet is one store; no timer moves for it.
class keep_alive {
public:
  /// Zero: no limit.
  explicit keep_alive(std::chrono::seconds interval) noexcept
    : tolerance_(duration{interval} * 3 / 2) {}

  void on_packet(time_point now) noexcept { last_packet_ = now; }

  /// When silence will have lasted too long, as far as is known now; nullopt:
  /// never.
  [[nodiscard]] std::optional<time_point> deadline() const noexcept {
    if (tolerance_ == duration::zero())
      return std::nullopt;
    return last_packet_ + tolerance_;
  }

  [[nodiscard]] bool has_expired(time_point now) const noexcept {
    return tolerance_ != duration::zero()
           && now >= last_packet_ + tolerance_;
  }

private:
  time_point last_packet_{};
  duration tolerance_;
};

} // namespace hetzel::mqtt
