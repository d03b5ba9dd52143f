#pragma once

#include "actors/runtime/introspection.hpp"
#include "cluster/metadata/metadata_change.hpp"
#include "cluster/type_ids.hpp"
#include "persistence/key_value_store.hpp"

#include <caf/fwd.hpp>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

namespace hetzel::cluster {

class metadata;

/// Puts and deletes of one group, applied together. Immutable once sent.
struct metadata_write {
  std::vector<metadata_change> changes;
};

/// Answers a write with the number of a `persistence::errc`: `none` when the
/// store holds it as durably as was configured and whoever listens was told.
using metadata_group = runtime::introspectable::extend<
  caf::result<std::uint8_t>(metadata_write_ptr)>;

struct metadata_group_options {
  persistence::durability level = persistence::durability::written;
  /// A commit takes what is in the mailbox, up to about these.
  std::size_t commit_operations_max = 1000;
  std::size_t commit_bytes_max = std::size_t{1} << 20;
  /// How soon what was only `written` is synced as well: until then nothing
  /// that peers could need again is collected.
  std::chrono::milliseconds sync_interval{1000};
};

/// Runs the replica of one group of the metadata: the only writer of its part
/// of the store. Detached, since the store blocks.
/// Messages:    write (answers once committed).
/// Owns:        the group's replica; the records are the store's.
/// Supervision: permanent child of the metadata supervisor.
/// On failure:  writes that wait are answered with an error; the replica is
///              made anew from the store.
///
/// `all` outlives it.
metadata_group spawn_metadata_group(caf::actor_system& system, metadata& all,
                                    std::uint8_t number,
                                    metadata_group_options options);

} // namespace hetzel::cluster
