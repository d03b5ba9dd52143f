#include "cluster/broadcast/lag_watch.hpp"

#include <algorithm>
#include <limits>
#include <tuple>

namespace hetzel::cluster {

namespace {

/// What `there` has and `here` has not, up to so many runs.
node_clock missing(const node_clock& there, const node_clock& here) {
  node_clock ahead;
  std::size_t runs = 0;
  for (auto& gap : there.minus(here))
    for (auto& run : gap.runs)
      if (runs++ < lag_watch::runs_max)
        ahead.add(gap.actor, run);
  return ahead;
}

std::uint64_t counters(const node_clock& ahead) {
  std::uint64_t sum = 0;
  auto add = [&](std::uint64_t more) {
    auto room = std::numeric_limits<std::uint64_t>::max() - sum;
    sum += std::min(more, room);
  };
  for (auto& column : ahead) {
    add(column.dots.base());
    for (auto& run : column.dots.exceptions())
      add(run.last - run.first + 1);
  }
  return sum;
}

} // namespace

void lag_watch::on_clock(shard_no shard, store_id peer,
                         const node_clock& theirs, const node_clock& known,
                         time_point due) {
  auto found = shards_.find(shard);
  if (found == shards_.end())
    found = shards_.emplace(shard, watched{}).first;
  auto& peers = found->second.peers;
  auto& seen = peers.try_emplace(peer, lead{{}, due}).first->second;
  // What was missing before may have come since: then this is another lag.
  if (missing(seen.ahead, known).empty())
    seen.due = due;
  seen.ahead = missing(theirs, known);
  if (seen.ahead.empty())
    peers.erase(peer);
  if (peers.empty())
    shards_.erase(found);
}

void lag_watch::drop(store_id peer) {
  for (auto at = shards_.begin(); at != shards_.end();) {
    at->second.peers.erase(peer);
    at = at->second.peers.empty() ? shards_.erase(at) : std::next(at);
  }
}

void lag_watch::on_asked(shard_no shard, store_id peer) {
  if (auto found = shards_.find(shard); found != shards_.end())
    found->second.asked_last = peer;
}

void lag_watch::hasten(shard_no shard, time_point look) {
  auto found = shards_.find(shard);
  if (found != shards_.end() && found->second.rests_until > look)
    found->second.rests_until = look;
}

void lag_watch::refresh(watched& shard, const node_clock& known) {
  for (auto at = shard.peers.begin(); at != shard.peers.end();) {
    at->second.ahead = missing(at->second.ahead, known);
    at = at->second.ahead.empty() ? shard.peers.erase(at) : std::next(at);
  }
}

std::optional<store_id> lag_watch::choose(const watched& shard, time_point now,
                                          const asked& of,
                                          std::mt19937_64& random) {
  using rank = std::tuple<bool, std::uint64_t, unsigned, std::uint64_t>;
  std::optional<std::pair<rank, store_id>> best;
  for (auto& [peer, seen] : shard.peers) {
    if (seen.due > now)
      continue;
    std::pair ranked{rank{shard.asked_last == peer, ~counters(seen.ahead),
                          of.cost(peer), random()},
                     peer};
    if (!best || ranked < *best)
      best = ranked;
  }
  return best ? std::optional{best->second} : std::nullopt;
}

std::vector<lag_watch::overdue>
lag_watch::expire(time_point now, time_point again, const asked& of,
                  std::mt19937_64& random) {
  std::vector<overdue> all;
  for (auto at = shards_.begin(); at != shards_.end();) {
    auto& [shard, seen] = *at;
    if (due(seen) <= now)
      refresh(seen, of.known(shard));
    if (seen.peers.empty()) {
      at = shards_.erase(at);
      continue;
    }
    if (due(seen) <= now)
      if (auto peer = choose(seen, now, of, random)) {
        overdue lag{shard, *peer, {}};
        for (auto& column : seen.peers[*peer].ahead)
          lag.actors.push_back(column.actor);
        seen.rests_until = again;
        all.push_back(std::move(lag));
      }
    ++at;
  }
  return all;
}

lag_watch::time_point lag_watch::due(const watched& shard) {
  auto first = time_point::max();
  for (auto& [peer, seen] : shard.peers)
    first = std::min(first, seen.due);
  return std::max(first, shard.rests_until);
}

std::optional<lag_watch::time_point> lag_watch::next() const {
  std::optional<time_point> first;
  for (auto& [shard, seen] : shards_)
    if (auto at = due(seen); !first || at < *first)
      first = at;
  return first;
}

} // namespace hetzel::cluster
