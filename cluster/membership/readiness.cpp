#include "cluster/membership/readiness.hpp"

#include <algorithm>
#include <iterator>

namespace hetzel::cluster {

namespace {

std::set<shard_no> all_shards(std::uint8_t count) {
  std::set<shard_no> shards;
  for (std::uint8_t i = 0; i < count; ++i)
    shards.insert(shards.end(), shard_no{i});
  return shards;
}

} // namespace

void readiness::set_members(const member_map& members) {
  auto active = members.active();
  peers_ = {active.begin(), active.end()};
  peers_.erase(own_);
  auto is_gone = [this](store_id store) { return !peers_.contains(store); };
  std::erase_if(open_, [&](auto& entry) { return is_gone(entry.first); });
  for (auto peer : peers_)
    open_.try_emplace(peer, all_shards(shards_));
  update();
}

void readiness::set_reachable(store_id peer, bool is_reachable) {
  if (is_reachable)
    reachable_.insert(peer);
  else if (reachable_.erase(peer) != 0)
    owe(peer);
  update();
}

void readiness::on_link_up(store_id peer) {
  owe(peer);
  update();
}

void readiness::owe(store_id peer) {
  if (peers_.contains(peer))
    open_[peer] = all_shards(shards_);
}

void readiness::on_pulled(store_id peer, shard_no shard) {
  if (auto found = open_.find(peer); found != open_.end())
    found->second.erase(shard);
  update();
}

bool readiness::is_caught_up() const noexcept {
  return std::all_of(open_.begin(), open_.end(), [this](auto& entry) {
    return entry.second.empty() || !reachable_.contains(entry.first);
  });
}

std::map<store_id, std::vector<shard_no>> readiness::owed() const {
  std::map<store_id, std::vector<shard_no>> owed;
  for (auto& [peer, shards] : open_)
    if (!shards.empty() && reachable_.contains(peer))
      owed[peer] = {shards.begin(), shards.end()};
  return owed;
}

void readiness::update() {
  missing_.clear();
  std::set_difference(peers_.begin(), peers_.end(), reachable_.begin(),
                      reachable_.end(),
                      std::inserter(missing_, missing_.end()));
  if (is_ready()) {
    was_ready_ = true;
    if (is_in_netsplit_)
      ++resolved_;
    is_in_netsplit_ = false;
  } else if (is_split() && was_ready_ && !is_in_netsplit_) {
    is_in_netsplit_ = true;
    ++detected_;
  }
}

} // namespace hetzel::cluster
