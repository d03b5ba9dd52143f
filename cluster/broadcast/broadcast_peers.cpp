#include "cluster/broadcast/broadcast_peers.hpp"

#include <algorithm>
#include <utility>

namespace hetzel::cluster {

void broadcast_peers::set(std::vector<broadcast_member> members) {
  members_.clear();
  owners_.clear();
  nodes_ = 1;
  for (auto& member : members) {
    auto store = member.store;
    if (member.state == member_state::removed && store != own_)
      continue;
    nodes_ += store != own_;
    for (auto actor : member.actors)
      owners_[actor] = store;
    members_[store] = std::move(member);
  }
}

bool broadcast_peers::is_member(store_id store) const {
  return store != own_ && members_.contains(store);
}

const broadcast_member* broadcast_peers::find(store_id store) const {
  auto found = members_.find(store);
  return found == members_.end() ? nullptr : &found->second;
}

std::optional<store_id> broadcast_peers::owner(actor_id actor) const {
  auto found = owners_.find(actor);
  return found == owners_.end() ? std::nullopt : std::optional{found->second};
}

const peer_link* broadcast_peers::link(store_id peer) const {
  auto found = links_.find(peer);
  return found != links_.end() && is_member(peer) ? &found->second : nullptr;
}

peer_link* broadcast_peers::link(store_id peer) {
  return const_cast<peer_link*>(std::as_const(*this).link(peer));
}

std::vector<store_id> broadcast_peers::reachable() const {
  std::vector<store_id> peers;
  for (auto& [store, link] : links_)
    if (is_member(store))
      peers.push_back(store);
  return peers;
}

std::vector<eager_candidate> broadcast_peers::ring() const {
  auto* own = find(own_);
  eager_candidate self{own_, {}, own ? own->zone : std::string{}};
  std::vector<eager_candidate> ring;
  for (auto peer : reachable())
    ring.push_back(
      {peer, link(peer)->measured.median, members_.at(peer).zone});
  auto place = std::lower_bound(
    ring.begin(), ring.end(), own_,
    [](const eager_candidate& c, store_id store) { return c.store < store; });
  ring.insert(place, std::move(self));
  return ring;
}

} // namespace hetzel::cluster
