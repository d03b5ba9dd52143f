#include "cluster/membership/arrival_window.hpp"

#include <algorithm>
#include <cmath>
#include <numeric>

namespace hetzel::cluster {

namespace {

constexpr double phi_max = 300;

} // namespace

void arrival_window::add(duration interval) {
  auto taken = static_cast<double>(std::min(interval, longest_).count());
  if (intervals_.size() < size_max) {
    intervals_.push_back(taken);
    return;
  }
  intervals_[next_] = taken;
  next_ = (next_ + 1) % size_max;
}

void arrival_window::clear() noexcept {
  intervals_.clear();
  next_ = 0;
}

double arrival_window::mean() const noexcept {
  auto floor = static_cast<double>(usual_.count());
  if (intervals_.empty())
    return floor;
  auto sum = std::accumulate(intervals_.begin(), intervals_.end(), 0.0);
  return std::max(floor, sum / static_cast<double>(intervals_.size()));
}

double arrival_window::deviation() const noexcept {
  auto floor = static_cast<double>(usual_.count()) / 4;
  if (intervals_.empty())
    return floor;
  auto count = static_cast<double>(intervals_.size());
  auto mean
    = std::accumulate(intervals_.begin(), intervals_.end(), 0.0) / count;
  double squares = 0;
  for (auto interval : intervals_)
    squares += (interval - mean) * (interval - mean);
  return std::max(floor, std::sqrt(squares / count));
}

double arrival_window::phi(double silence_ms) const noexcept {
  auto z = (silence_ms - mean()) / deviation();
  auto tail = std::erfc(z / std::sqrt(2.0)) / 2;
  // Far out the tail is no double any more.
  return tail <= 0 ? phi_max : std::clamp(-std::log10(tail), 0.0, phi_max);
}

} // namespace hetzel::cluster
