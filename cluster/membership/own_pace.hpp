#pragma once

#include "cluster/membership/failure_detector.hpp"
#include "cluster/membership/steady_time.hpp"

#include <chrono>
#include <optional>

namespace hetzel::cluster {

/// How far a detector may trust itself: it may be the slow one. Keeps a clock
/// that does not run while this process does not, and the factor by which
/// timeouts are stretched.
class own_pace {
public:
  using duration = std::chrono::milliseconds;

  explicit own_pace(const detector_options& options) noexcept
    : lag_max_(options.lag_max), stretch_max_(options.stretch_max) {}

  /// Every 100 ms, with the lag of the event loop. Of a longer gap only
  /// `lag_max` passes on this clock; the rest is lag.
  void tick(steady_time now, duration lag) noexcept;

  /// The time that has passed up to the last tick, without the pauses.
  [[nodiscard]] duration elapsed() const noexcept { return elapsed_; }
  /// And up to now: never beyond what the next tick will say.
  [[nodiscard]] duration at(steady_time now) const noexcept;
  /// 1 to `stretch_max`; keeps its value for some seconds after a lag.
  [[nodiscard]] double stretch() const noexcept { return stretch_; }

private:
  duration lag_max_;
  double stretch_max_;
  std::optional<steady_time> last_;
  duration elapsed_{0};
  double stretch_ = 1;
  duration stretched_until_{0};
};

} // namespace hetzel::cluster
