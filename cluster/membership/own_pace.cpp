#include "cluster/membership/own_pace.hpp"

#include <algorithm>

namespace hetzel::cluster {

namespace {

/// What piled up during a lag takes a while to be worked off.
constexpr own_pace::duration memory = std::chrono::seconds{5};

} // namespace

own_pace::duration own_pace::at(steady_time now) const noexcept {
  if (!last_)
    return elapsed_;
  auto gap = std::chrono::duration_cast<duration>(now - *last_);
  return elapsed_ + std::clamp(gap, duration{0}, lag_max_);
}

void own_pace::tick(steady_time now, duration lag) noexcept {
  auto gap = last_ ? std::chrono::duration_cast<duration>(now - *last_)
                   : duration{0};
  last_ = last_ ? *last_ + gap : now;
  elapsed_ += std::min(gap, lag_max_);
  lag = std::max(lag, gap - lag_max_);
  auto wanted = std::clamp(static_cast<double>(lag.count())
                             / static_cast<double>(lag_max_.count()),
                           1.0, stretch_max_);
  if (wanted >= stretch_) {
    stretch_ = wanted;
    stretched_until_ = elapsed_ + memory;
  } else if (elapsed_ >= stretched_until_) {
    stretch_ = wanted;
  }
}

} // namespace hetzel::cluster
