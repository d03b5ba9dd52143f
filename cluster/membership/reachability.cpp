#include "cluster/membership/reachability.hpp"

#include <iterator>

namespace hetzel::cluster {

void reachability::set_members(const std::vector<store_id>& members) {
  members_ = {members.begin(), members.end()};
  auto is_gone = [this](store_id store) { return !members_.contains(store); };
  std::erase_if(reachable_, is_gone);
  std::erase_if(reports_, [&](auto& entry) { return is_gone(entry.first); });
}

void reachability::set_reachable(store_id peer, bool is_reachable) {
  if (is_reachable && members_.contains(peer)) {
    reachable_.insert(peer);
    return;
  }
  // What it said before the outage says nothing about what comes after it.
  reachable_.erase(peer);
  reports_.erase(peer);
}

std::vector<store_id>
reachability::on_report(store_id peer, std::set<store_id> reachable) {
  std::vector<store_id> hearsay;
  if (!members_.contains(peer))
    return hearsay;
  for (auto store : reachable_)
    if (store != peer && !reachable.contains(store))
      hearsay.push_back(store);
  reports_[peer] = std::move(reachable);
  return hearsay;
}

std::set<store_id> reachability::view() const {
  auto view = reachable_;
  view.insert(own_);
  return view;
}

std::vector<std::pair<store_id, store_id>>
reachability::broken_pairs() const {
  std::vector<std::pair<store_id, store_id>> broken;
  auto all = view();
  for (auto low = all.begin(); low != all.end(); ++low)
    for (auto high = std::next(low); high != all.end(); ++high)
      if (!reaches(*low, *high) || !reaches(*high, *low))
        broken.emplace_back(*low, *high);
  return broken;
}

bool reachability::reaches(store_id from, store_id to) const {
  if (from == to)
    return true;
  if (from == own_)
    return reachable_.contains(to);
  auto report = reports_.find(from);
  return report != reports_.end() && report->second.contains(to);
}

} // namespace hetzel::cluster
