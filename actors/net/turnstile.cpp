#include "actors/net/turnstile.hpp"

namespace hetzel::net {

void turnstile::enter(turn_taker& who) noexcept {
  if (who.is_listed())
    return;
  waiting_.push_back(who);
  home_.flush_later(*this);
}

/// Asked for before the turns: what one of them throws must not stop the rest.
void turnstile::flush() {
  const auto end = std::chrono::steady_clock::now() + time_max;
  if (!waiting_.empty())
    home_.flush_later(*this);
  while (auto* next = waiting_.pop_front()) {
    next->on_turn();
    if (std::chrono::steady_clock::now() >= end)
      break;
  }
  if (waiting_.empty())
    cancel_flush();
}

} // namespace hetzel::net
