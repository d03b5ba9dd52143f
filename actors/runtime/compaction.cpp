#include "actors/runtime/compaction.hpp"

#include <algorithm>

namespace hetzel::runtime {

void load_meter::slept(time_point from, time_point to) noexcept {
  slept_ += to - std::max(from, began_);
  awake_since_ = to;
}

std::optional<double> load_meter::share(time_point now) noexcept {
  const auto length = now - began_;
  if (length < rules_.window)
    return std::nullopt;
  const auto awake = length - slept_;
  began_ = now;
  slept_ = {};
  return static_cast<double>(awake.count())
         / static_cast<double>(length.count());
}

bool lending_rule::is_due(time_point now, double own, double lead) noexcept {
  if (own + lead >= rules_.lend_below) {
    last_loud_ = now;
    return false;
  }
  return !last_loud_ || now - *last_loud_ >= rules_.quiet;
}

} // namespace hetzel::runtime
