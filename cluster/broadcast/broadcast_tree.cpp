#include "cluster/broadcast/broadcast_tree.hpp"

#include <algorithm>

namespace hetzel::cluster {

bool broadcast_tree::on_duplicate(store_id from, const tree_options& options,
                                  time_point now) {
  auto& seen = duplicates_[from];
  seen.known = std::min(seen.known + 1, options.prune_threshold);
  if (seen.known < options.prune_threshold
      || (seen.pruned_at && now - *seen.pruned_at < options.request_interval))
    return false;
  seen.pruned_at = now;
  make_lazy(from);
  return true;
}

bool broadcast_tree::may_graft(store_id peer, const tree_options& options,
                               time_point now) {
  if (grafted_at_ && now - *grafted_at_ < options.request_interval)
    return false;
  grafted_at_ = now;
  forgive(peer);
  return true;
}

void broadcast_tree::forgive(store_id peer) {
  auto found = duplicates_.find(peer);
  if (found != duplicates_.end())
    found->second.known = 0;
}

void broadcast_tree::make_eager(store_id peer) {
  lazy_.erase(peer);
  eager_.insert(peer);
}

void broadcast_tree::make_lazy(store_id peer) {
  eager_.erase(peer);
  lazy_.insert(peer);
}

void broadcast_tree::drop(store_id peer) {
  eager_.erase(peer);
  lazy_.erase(peer);
  duplicates_.erase(peer);
}

} // namespace hetzel::cluster
