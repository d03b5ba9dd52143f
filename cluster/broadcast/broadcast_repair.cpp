#include "cluster/broadcast/broadcast.hpp"

#include "cluster/broadcast/broadcast_codec.hpp"

#include <algorithm>
#include <set>

namespace hetzel::cluster {

// Digests, and what is done about them.

bool broadcast::send_control(store_id to, const broadcast_message& message) {
  auto* link = peers_.link(to);
  if (!link)
    return false;
  auto bytes = std::make_shared<const std::string>(encode_broadcast(message));
  if (bytes->size() > options_.control_queue_bytes_max - link->control_bytes) {
    ++counters_.control_dropped;
    return false;
  }
  link->control_bytes += bytes->size();
  sink_.send(to, link_queue::control, std::move(bytes));
  return true;
}

// -- telling ------------------------------------------------------------------

void broadcast::beat() {
  digests_.beat();
  for (auto peer : digest_targets())
    send_digest(peer, false);
}

std::vector<store_id> broadcast::digest_targets() {
  auto all = peers_.reachable();
  if (peers_.nodes() <= options_.digest_all_nodes_max)
    return all;
  std::set<store_id> chosen;
  for (auto& [root, tree] : trees_)
    chosen.insert(tree.lazy().begin(), tree.lazy().end());
  std::erase_if(all, [&](auto peer) { return chosen.contains(peer); });
  for (auto n = options_.digest_random_peers; n != 0 && !all.empty(); --n) {
    std::swap(all[random_() % all.size()], all.back());
    chosen.insert(all.back());
    all.pop_back();
  }
  return {chosen.begin(), chosen.end()};
}

void broadcast::send_digest(store_id to, bool is_complete) {
  auto* link = peers_.link(to);
  if (!link)
    return;
  is_complete |= link->digests % options_.complete_every == 0;
  for (auto& part :
       digests_.changed_after(is_complete ? 0 : link->digest_beat)) {
    part.membership_version = membership_;
    part.sender = options_.opened;
    // It is told of all that changed since the last one that was whole.
    if (!send_control(to, part))
      return;
    ++counters_.digests_sent;
  }
  counters_.entries_left_out = digests_.left_out();
  link->digest_beat = digests_.beats();
  ++link->digests;
  link->owes_digest = false;
}

// -- hearing ------------------------------------------------------------------

errc broadcast::on_message(store_id from, std::string_view bytes,
                           time_point now) {
  auto message = decode_broadcast(bytes);
  if (!message) {
    ++counters_.messages_refused;
    return message.error();
  }
  auto* told = std::get_if<digest>(&*message);
  if (!peers_.link(from)
      || (told && told->sender < peers_.find(from)->newest)) {
    ++counters_.messages_refused;
    return errc::none;
  }
  if (told) {
    on_digest(from, *told, now);
    return errc::none;
  }
  auto* pruned = std::get_if<prune>(&*message);
  auto root = pruned ? pruned->root : std::get<graft>(*message).root;
  ++(pruned ? counters_.prunes_received : counters_.grafts_received);
  // A root is not sent its own frames, and of strangers no tree is kept.
  auto is_known = root == options_.store || peers_.is_member(root);
  if (root == from || !is_known)
    return errc::none;
  if (pruned)
    tree(root).on_prune(from);
  else
    tree(root).on_graft(from);
  return errc::none;
}

void broadcast::on_digest(store_id from, const digest& told, time_point now) {
  ++counters_.digests_received;
  if (told.membership_version != membership_)
    sink_.on_other_membership(from, told.membership_version);
  for (auto& entry : told.entries) {
    if (static_cast<std::size_t>(entry.shard) >= shards_.shards())
      continue;
    sink_.on_row(entry.shard, from,
                 entry.stable ? *entry.stable : entry.clock.base(),
                 entry.dots);
    lags_.on_clock(entry.shard, from, entry.clock,
                   shards_.report(entry.shard).known, now + patience(from));
  }
}

std::chrono::microseconds broadcast::patience(store_id peer) const {
  std::chrono::microseconds least = options_.graft_timeout;
  auto* link = peers_.link(peer);
  return link ? std::max(least, 3 * link->measured.p99) : least;
}

// -- repairing ----------------------------------------------------------------

void broadcast::pull_overdue(time_point now) {
  lag_watch::asked of{
    [this](shard_no shard) -> const node_clock& {
      return shards_.report(shard).known;
    },
    [this](store_id peer) {
      auto* link = peers_.link(peer);
      return link ? round_trip_class(link->measured.median) : ~0U;
    }};
  for (auto& lag :
       lags_.expire(now, now + options_.digest_interval, of, random_)) {
    ++counters_.lags;
    // While another pull goes on, which may take minutes, that is no reason to
    // ask for frames from ever more peers.
    if (!sink_.start_pull(lag.shard, lag.peer))
      continue;
    ++counters_.pulls;
    lags_.on_asked(lag.shard, lag.peer);
    send_grafts(lag, now);
  }
}

void broadcast::on_pull_ended(shard_no shard, bool is_done, time_point now) {
  auto rest = std::chrono::milliseconds{0};
  // By chance: two nodes that pull from each other, and are both too busy for
  // that, would go on to ask at the same time.
  if (!is_done) {
    auto least = options_.graft_timeout;
    rest = least + least * (random_() % 1024) / 1024;
  }
  lags_.hasten(shard, now + rest);
}

void broadcast::send_grafts(const lag_watch::overdue& lag, time_point now) {
  if (is_mesh())
    return;
  std::set<store_id> roots;
  for (auto actor : lag.actors)
    if (auto root = peers_.owner(actor); root && *root != options_.store)
      roots.insert(*root);
  for (auto root : roots)
    if (tree(root).may_graft(lag.peer, options_.tree, now)
        && send_control(lag.peer, graft{root}))
      ++counters_.grafts_sent;
}

} // namespace hetzel::cluster
