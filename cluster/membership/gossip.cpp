#include "cluster/membership/gossip.hpp"

namespace hetzel::cluster {

bool gossip::differs(store_id peer) const {
  auto found = peers_.find(peer);
  return found != peers_.end() && found->second.has != 0
         && found->second.has != own_;
}

bool gossip::take(store_id peer, steady_time now, bool anyway) {
  auto& known = peers_[peer];
  if (!anyway && known.sent_version == own_
      && now < known.sent_at + options_.resend_min)
    return false;
  known.sent_version = own_;
  known.sent_at = now;
  return true;
}

std::optional<store_id> gossip::pick(const std::vector<store_id>& others,
                                     steady_time now) {
  if (!next_)
    next_ = now + options_.interval;
  if (now < *next_)
    return std::nullopt;
  next_ = now + options_.interval;
  if (others.empty())
    return std::nullopt;
  return others[random_() % others.size()];
}

} // namespace hetzel::cluster
