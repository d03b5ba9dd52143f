#pragma once

#include "cluster/swc/dot.hpp"
#include "persistence/key_value_store.hpp"

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

namespace hetzel::cluster {

/// Who a metadata store is. One record under the node's table of the store
/// (storage_layout.hpp):
///
///   key    04 'i'
///   value  u8 version, 1 | u64 store | u32 generation | u8 groups
///          | u64 actor | varint n, n × u64 retired actor
///
/// A copy that was not opened yet has another one, `04 'c'`, without a value.
struct store_identity {
  store_id store{};
  /// Of this process: raised, durably, before it is told.
  generation opened{};
  /// Into how many groups the records are split; chosen when the store is made.
  std::uint8_t groups = 0;
  /// Who counts this store's events, and who did before.
  actor_id actor{};
  std::vector<actor_id> retired;
  /// The actor is a new one since the machine lost power, or the store is a
  /// copy that was never opened before.
  bool has_rotated = false;
};

struct identity_options {
  /// For a new store. 1 to 255.
  std::uint8_t groups = 16;
  /// Events may be lost that peers have seen: a new actor has to count
  /// (replication.md 2.12).
  bool power_lost = false;
  /// Uniform 64 bits; called until it gives one that is not 0.
  std::function<std::uint64_t()> random;
};

/// Says in a copy of a store that it is one: the store that it was made of went
/// on counting events, so that this one has to begin with a new actor.
[[nodiscard]] persistence::errc
mark_as_copy(persistence::key_value_store& store);

/// Reads the identity of a store, makes one for a new store, and raises its
/// generation, synced.
[[nodiscard]] persistence::expected<store_identity, persistence::open_error>
open_identity(persistence::key_value_store& store,
              const identity_options& options);

} // namespace hetzel::cluster
