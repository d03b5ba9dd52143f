#pragma once

#include "cluster/membership/steady_time.hpp"
#include "cluster/swc/node_clock.hpp"
#include "cluster/swc/sync_message.hpp"

#include <chrono>
#include <cstdint>
#include <set>
#include <vector>

namespace hetzel::cluster {

enum class departure_step : std::uint8_t {
  /// No departure goes on.
  staying,
  /// LEAVING is saved: close listeners, part with clients, move queues, delete
  /// what is only of this node. Ends with `on_drained`.
  draining,
  /// Wait until everybody has what is here (`is_held_elsewhere`, each shard).
  /// Ends with `on_covered`.
  covering,
  /// REMOVED is saved; everybody who can be reached is told.
  announcing,
  /// Wipe the state of the cluster, and stop.
  gone,
};

/// How a live node leaves (replication.md 2.11): in steps, none of which is
/// skipped, so nothing goes with it that only it had.
class departure {
public:
  /// How long peers that do not answer are waited for at the end.
  explicit departure(std::chrono::milliseconds farewell_max
                     = std::chrono::seconds{10}) noexcept
    : farewell_max_(farewell_max) {}

  [[nodiscard]] departure_step step() const noexcept { return step_; }

  // Each says whether the step changed.
  bool begin() noexcept;
  bool on_drained() noexcept;
  /// Precondition of being called: true for every shard, and the drained state
  /// has been replicated. The state of the own store has to be set to removed.
  bool on_covered() noexcept;
  /// That is saved, and being told to these.
  bool on_removal_saved(const std::set<store_id>& peers, steady_time now);
  /// The peer is known to know, or cannot be reached any more.
  bool on_told(store_id peer);
  bool tick(steady_time now) noexcept;

private:
  std::chrono::milliseconds farewell_max_;
  departure_step step_ = departure_step::staying;
  bool is_covered_ = false;
  std::set<store_id> waiting_;
  steady_time deadline_;
};

/// Whether all that a shard knows here is surely on the disk of every one of
/// these members: their rows cover its clock, exceptions too.
[[nodiscard]] bool is_held_elsewhere(const node_clock& own,
                                     const std::vector<store_id>& others,
                                     const watermark_rows& rows);

} // namespace hetzel::cluster
