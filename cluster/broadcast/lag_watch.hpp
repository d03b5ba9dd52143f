#pragma once

#include "cluster/swc/dot.hpp"
#include "cluster/swc/node_clock.hpp"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <random>
#include <vector>

namespace hetzel::cluster {

/// What this node lacks and peers have, as their digests tell. A frame that is
/// late needs no pull, so a lag has to last for a while before it counts.
///
/// Memory: for each shard and peer that is ahead, `runs_max` runs of counters.
class lag_watch {
public:
  using time_point = std::chrono::steady_clock::time_point;

  /// What is kept of the counters that a peer is ahead; more would not make
  /// this node lag more.
  static constexpr std::size_t runs_max = 256;

  /// A lag that lasted, and the peer to pull from.
  struct overdue {
    shard_no shard{};
    store_id peer{};
    /// Whose events are missing here and are there.
    std::vector<actor_id> actors;
  };

  /// What is asked about this node's shards and about peers.
  struct asked {
    std::function<const node_clock&(shard_no)> known;
    /// The lower, the sooner a peer is chosen.
    std::function<unsigned(store_id)> cost;
  };

  /// A peer told its clock of a shard; `known` is the own one. If it is ahead,
  /// and was not before, that counts as a lag from `due` on.
  void on_clock(shard_no shard, store_id peer, const node_clock& theirs,
                const node_clock& known, time_point due);

  /// Before a peer that is down: what it had can be pulled from others only.
  void drop(store_id peer);

  /// A pull of the shard from the peer was begun: the next time it is another
  /// peer's turn. A choice that could not be followed costs nobody the turn.
  void on_asked(shard_no shard, store_id peer);

  /// A pull of the shard ended: look at it again then, if not before.
  void hasten(shard_no shard, time_point look);

  /// The shards that lag behind somebody for long enough now; they then rest
  /// until `again`. Of those who are ahead it chooses one that was not
  /// asked last, then who has the most of what is missing, then one of low
  /// cost, then by chance.
  [[nodiscard]] std::vector<overdue>
  expire(time_point now, time_point again, const asked& of,
         std::mt19937_64& random);

  /// How many shards lag.
  [[nodiscard]] std::size_t size() const noexcept { return shards_.size(); }
  /// When the next timer runs out.
  [[nodiscard]] std::optional<time_point> next() const;

private:
  struct lead {
    /// What the peer has and this node had not.
    node_clock ahead;
    time_point due;
  };
  struct watched {
    std::map<store_id, lead> peers;
    std::optional<store_id> asked_last;
    time_point rests_until = time_point::min();
  };

  static void refresh(watched& shard, const node_clock& known);
  [[nodiscard]] static time_point due(const watched& shard);
  [[nodiscard]] static std::optional<store_id>
  choose(const watched& shard, time_point now, const asked& of,
         std::mt19937_64& random);

  std::map<shard_no, watched> shards_;
};

} // namespace hetzel::cluster
