#include "cluster/swc/shard_members.hpp"

#include <algorithm>

namespace hetzel::cluster {

std::vector<store_id>
shard_members::set(const std::vector<shard_member>& members) {
  auto before = others();
  members_.clear();
  for (auto& member : members)
    members_[member.store] = member;
  std::erase_if(before, [this](store_id store) { return is_member(store); });
  for (auto store : before)
    evicted_.erase(store);
  return before;
}

std::vector<store_id> shard_members::others() const {
  std::vector<store_id> others;
  for (auto& [store, member] : members_)
    if (store != own_ && member.state != member_state::removed)
      others.push_back(store);
  return others;
}

bool shard_members::is_alone() const noexcept {
  return std::all_of(members_.begin(), members_.end(), [this](auto& entry) {
    return entry.first == own_ || evicted_.contains(entry.first)
           || entry.second.state == member_state::removed;
  });
}

version_vector shard_members::low(const version_vector& own,
                                  const watermark_rows& rows) const {
  auto low = own;
  for (auto store : others()) {
    if (is_evicted(store))
      continue;
    auto row = rows.find(store);
    version_vector least;
    if (row != rows.end())
      for (auto& e : low)
        least.raise(e.actor, std::min(e.counter, row->second.at(e.actor)));
    low = least;
  }
  return low;
}

} // namespace hetzel::cluster
