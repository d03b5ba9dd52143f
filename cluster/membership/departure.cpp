#include "cluster/membership/departure.hpp"

namespace hetzel::cluster {

bool departure::begin() noexcept {
  if (step_ != departure_step::staying)
    return false;
  step_ = departure_step::draining;
  return true;
}

bool departure::on_drained() noexcept {
  if (step_ != departure_step::draining)
    return false;
  step_ = departure_step::covering;
  return true;
}

bool departure::on_covered() noexcept {
  if (step_ != departure_step::covering || is_covered_)
    return false;
  is_covered_ = true;
  return true;
}

bool departure::on_removal_saved(const std::set<store_id>& peers,
                                 steady_time now) {
  if (step_ != departure_step::covering || !is_covered_)
    return false;
  waiting_ = peers;
  deadline_ = now + farewell_max_;
  step_ = waiting_.empty() ? departure_step::gone : departure_step::announcing;
  return true;
}

bool departure::on_told(store_id peer) {
  if (step_ != departure_step::announcing)
    return false;
  waiting_.erase(peer);
  if (waiting_.empty())
    step_ = departure_step::gone;
  return step_ == departure_step::gone;
}

bool departure::tick(steady_time now) noexcept {
  if (step_ != departure_step::announcing || now < deadline_)
    return false;
  step_ = departure_step::gone;
  return true;
}

bool is_held_elsewhere(const node_clock& own,
                       const std::vector<store_id>& others,
                       const watermark_rows& rows) {
  for (auto store : others) {
    auto row = rows.find(store);
    for (auto& column : own) {
      auto held = row == rows.end() ? 0 : row->second.at(column.actor);
      if (column.dots.last() > held)
        return false;
    }
  }
  return true;
}

} // namespace hetzel::cluster
