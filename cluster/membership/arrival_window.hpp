#pragma once

#include <chrono>
#include <cstddef>
#include <vector>

namespace hetzel::cluster {

/// The last intervals between signs of life, and how unusual a silence is by
/// their measure: φ = 5 means that one interval in 10^5 is that long, if they
/// are normally distributed.
class arrival_window {
public:
  using duration = std::chrono::milliseconds;

  /// How many intervals are remembered.
  static constexpr std::size_t size_max = 100;

  /// The mean counts as at least `usual`, the deviation as at least a quarter
  /// of it: regular heartbeats do not make a detector nervous. No interval
  /// counts as longer than `longest`, so that an outage does not make it
  /// patient.
  arrival_window(duration usual, duration longest) noexcept
    : usual_(usual), longest_(longest) {}

  void add(duration interval);
  void clear() noexcept;
  [[nodiscard]] std::size_t size() const noexcept { return intervals_.size(); }

  /// In milliseconds, with their floors.
  [[nodiscard]] double mean() const noexcept;
  [[nodiscard]] double deviation() const noexcept;

  /// 0 to 300.
  [[nodiscard]] double phi(double silence_ms) const noexcept;

private:
  duration usual_;
  duration longest_;
  std::vector<double> intervals_;
  std::size_t next_ = 0;
};

} // namespace hetzel::cluster
