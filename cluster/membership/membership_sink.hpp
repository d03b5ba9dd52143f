#pragma once

#include "cluster/membership/membership_message.hpp"

#include <cstdint>
#include <optional>
#include <string>

namespace hetzel::cluster {

/// A join request that waits for its answer; of the caller's choosing.
using asker_id = std::uint64_t;

/// What the membership of a node wants done. Called from within its functions:
/// none of them may be called from here.
class membership_sink {
public:
  virtual ~membership_sink() = default;

  /// Write this value at `local_record_key`, synced; then say so with
  /// `membership::on_saved`. If that fails the process has to end. One at a
  /// time.
  virtual void save(std::uint64_t ticket, std::string record) = 0;

  // -- only of what is saved -------------------------------------------------

  /// To a member, or to one that was just removed; best effort.
  virtual void send(store_id to, membership_body body) = 0;
  /// To who sent the join request.
  virtual void answer(asker_id to, membership_body body) = 0;
  /// Connect to the seed, greet, send this; hand in the answer, or that there
  /// was none.
  virtual void ask(const endpoint& seed, join_request request) = 0;

  /// The cluster is another than before. Tell it to the shards (`shard_view`,
  /// `voids_of`), the links, the detector, the readiness. `before` is null the
  /// first time.
  virtual void on_change(const cluster_state* before,
                         const cluster_state& now) = 0;
  /// Each shard needs a range pull from every other member; then
  /// `membership::on_levelled`.
  virtual void on_level(shard_no shard) = 0;

  // -- the fate of this node -------------------------------------------------

  /// Somebody asked this node to leave: see `departure_step::draining`.
  virtual void on_drain() = 0;
  /// It has left: wipe the state of the cluster and stop.
  virtual void on_left() = 0;
  /// It was removed by force: stop; only with another store may it join again.
  virtual void on_removed() = 0;

  /// Peers know a process of this store that is as late as this one, or later:
  /// the store came back from a backup. Make a generation above this one and a
  /// new actor durable, `rotate` the shards, and hand them to
  /// `membership::on_renewed`.
  virtual void renew_identity(generation above) = 0;
  /// And it happened again: another process runs with a copy of this store.
  /// That one is later; end this one.
  virtual void on_superseded(generation other) = 0;
};

} // namespace hetzel::cluster
