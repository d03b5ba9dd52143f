#include "cluster/broadcast/broadcast.hpp"

#include "protocol/assert.hpp"

#include <algorithm>
#include <utility>

namespace hetzel::cluster {

broadcast::broadcast(broadcast_options options, const shard_reports& shards,
                     broadcast_sink& sink, std::mt19937_64 random,
                     time_point now)
  : options_(options),
    shards_(shards),
    sink_(sink),
    random_(random),
    peers_(options.store),
    digests_(shards) {
  HETZEL_ASSERT(options_.store != store_id{});
  HETZEL_ASSERT(options_.digest_interval.count() > 0);
  HETZEL_ASSERT(options_.complete_every >= 1);
  HETZEL_ASSERT(options_.tree.prune_threshold >= 1);
  // Nodes that start together do not all beat together.
  auto interval = static_cast<std::uint64_t>(options_.digest_interval.count());
  next_beat_ = now + std::chrono::milliseconds{random_() % interval};
}

bool broadcast::is_mesh() const noexcept {
  switch (options_.mode) {
    case broadcast_mode::automatic:
      return peers_.nodes() <= options_.mesh_nodes_max;
    case broadcast_mode::mesh:
      return true;
    case broadcast_mode::tree:
      return false;
  }
  return true;
}

// -- members and links --------------------------------------------------------

void broadcast::set_members(std::vector<broadcast_member> members,
                            std::uint64_t version, time_point now) {
  auto before = peers_.reachable();
  peers_.set(std::move(members));
  membership_ = version;
  for (auto peer : before)
    if (!peers_.is_member(peer))
      forget(peer);
  for (auto peer : peers_.reachable())
    if (!std::binary_search(before.begin(), before.end(), peer))
      welcome(peer);
  for (auto& [root, tree] : trees_) {
    if (root == options_.store || peers_.is_member(root))
      tree.removed_at.reset();
    else if (!tree.removed_at)
      tree.removed_at = now;
  }
}

void broadcast::on_link_up(store_id peer) {
  // The queues of a link that came back are empty, and what was in them may
  // be lost.
  peers_.close(peer);
  peers_.open(peer);
  if (peers_.is_member(peer))
    welcome(peer);
}

void broadcast::on_link_down(store_id peer) {
  peers_.close(peer);
  forget(peer);
}

void broadcast::welcome(store_id peer) {
  // Where nobody knows better yet, the ring does. What was learnt stays.
  auto eager = choose_eager(peers_.ring(), options_.store);
  auto is_eager = std::binary_search(eager.begin(), eager.end(), peer);
  for (auto& [root, tree] : trees_)
    if (root != peer && is_eager)
      tree.make_eager(peer);
    else if (root != peer)
      tree.make_lazy(peer);
  digests_.beat();
  send_digest(peer, true);
}

void broadcast::forget(store_id peer) {
  for (auto& [root, tree] : trees_)
    tree.drop(peer);
  lags_.drop(peer);
}

void broadcast::on_round_trips(store_id peer, round_trips measured) {
  if (auto* link = peers_.link(peer))
    link->measured = measured;
}

void broadcast::on_sent(store_id peer, link_queue queue, std::size_t bytes) {
  auto* link = peers_.link(peer);
  if (!link)
    return;
  auto& held = queue == link_queue::metadata ? link->metadata_bytes
                                             : link->control_bytes;
  held -= std::min(held, bytes);
  // It can take what it lacks again, so it need not wait for the next beat.
  if (link->owes_digest
      && link->metadata_bytes <= options_.metadata_queue_bytes_max / 2) {
    digests_.beat();
    send_digest(peer, false);
  }
}

broadcast_tree& broadcast::tree(store_id root) {
  auto found = trees_.find(root);
  if (found != trees_.end())
    return found->second;
  auto eager = choose_eager(peers_.ring(), options_.store);
  auto is_eager = [&](store_id peer) {
    return std::binary_search(eager.begin(), eager.end(), peer);
  };
  if (!lazy_ || !peers_.link(*lazy_) || is_eager(*lazy_)) {
    auto others = peers_.reachable();
    std::erase_if(others, is_eager);
    lazy_.reset();
    if (!others.empty())
      lazy_ = others[random_() % others.size()];
  }
  std::vector<store_id> lazy;
  if (lazy_)
    lazy.push_back(*lazy_);
  auto& made
    = trees_.emplace(root, broadcast_tree{eager, lazy}).first->second;
  made.drop(root);
  return made;
}

// -- write frames -------------------------------------------------------------

void broadcast::send_frame(store_id to, const shared_bytes& frame) {
  auto* link = peers_.link(to);
  if (!link)
    return;
  if (frame->size()
      > options_.metadata_queue_bytes_max - link->metadata_bytes) {
    ++counters_.frames_dropped;
    link->owes_digest = true;
    return;
  }
  link->metadata_bytes += frame->size();
  ++counters_.frames_sent;
  sink_.send(to, link_queue::metadata, frame);
}

void broadcast::relay(store_id root, const shared_bytes& frame,
                      std::optional<store_id> from) {
  for (auto peer : tree(root).eager())
    if (peer != from)
      send_frame(peer, frame);
}

void broadcast::on_local(const shared_bytes& frame) {
  ++counters_.frames_originated;
  if (!is_mesh())
    return relay(options_.store, frame, std::nullopt);
  for (auto peer : peers_.reachable())
    send_frame(peer, frame);
}

void broadcast::on_new(store_id from, store_id root,
                       const shared_bytes& frame) {
  ++counters_.frames_new;
  if (is_mesh() || !peers_.is_member(root))
    return;
  tree(root).on_new(from);
  relay(root, frame, from);
}

void broadcast::on_duplicate(store_id from, store_id root, time_point now) {
  ++counters_.frames_duplicate;
  auto is_known = root == options_.store || peers_.is_member(root);
  if (is_mesh() || !is_known || !peers_.link(from))
    return;
  if (tree(root).on_duplicate(from, options_.tree, now)
      && send_control(from, prune{root}))
    ++counters_.prunes_sent;
}

// -- time ---------------------------------------------------------------------

broadcast::time_point broadcast::next_tick() const {
  return std::min(next_beat_, lags_.next().value_or(next_beat_));
}

void broadcast::tick(time_point now) {
  pull_overdue(now);
  if (now >= next_beat_) {
    // After a pause one beat is enough.
    next_beat_ = std::max(next_beat_, now - options_.digest_interval)
                 + options_.digest_interval;
    beat();
  }
  std::erase_if(trees_, [&](auto& entry) {
    auto& removed = entry.second.removed_at;
    return removed && now - *removed >= options_.removed_root_kept;
  });
}

} // namespace hetzel::cluster
