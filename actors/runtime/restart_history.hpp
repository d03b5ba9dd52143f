#pragma once

#include "protocol/basic_types.hpp"

#include <chrono>
#include <cstddef>
#include <deque>

namespace hetzel::runtime {

/// How many restarts are too many: more than `restarts_max` within `period`.
struct restart_intensity {
  std::size_t restarts_max = 3;
  std::chrono::milliseconds period{5000};
};

/// The restarts of the last period; holds at most `restarts_max` + 1 times.
class restart_history {
public:
  explicit restart_history(restart_intensity limit) : limit_(limit) {}

  /// Counts a restart at `now`; false: it is one too many.
  [[nodiscard]] bool add(mqtt::time_point now) {
    while (!times_.empty() && now - times_.front() > limit_.period)
      times_.pop_front();
    times_.push_back(now);
    return times_.size() <= limit_.restarts_max;
  }

private:
  restart_intensity limit_;
  std::deque<mqtt::time_point> times_;
};

} // namespace hetzel::runtime
