#pragma once

#include "cluster/swc/dot.hpp"
#include "cluster/swc/node_clock.hpp"
#include "cluster/swc/version_vector.hpp"

#include <cstdint>
#include <optional>
#include <variant>
#include <vector>

namespace hetzel::cluster {

/// Send me no more write frames of this root: they come another way.
struct prune {
  store_id root{};

  bool operator==(const prune&) const = default;
};

/// Send me write frames of this root from now on. The pull that fetches what
/// is missing already follows as a request of its own.
struct graft {
  store_id root{};

  bool operator==(const graft&) const = default;
};

/// What a shard has on disk.
struct digest_entry {
  shard_no shard{};
  node_clock clock;
  /// What of it survives a power loss; all up to the clock's base when absent.
  std::optional<version_vector> stable;
  /// Entries of the dot-key map: what its owner could not collect yet.
  std::uint64_t dots = 0;

  bool operator==(const digest_entry&) const = default;
};

/// What its sender has, so that whoever lacks something sees it.
struct digest {
  /// Of the sender's view of the members; who has another one asks for it.
  std::uint64_t membership_version = 0;
  generation sender{};
  /// By shard, ascending; as a rule those that changed since the digest
  /// before.
  std::vector<digest_entry> entries;

  bool operator==(const digest&) const = default;
};

/// What broadcast cores tell each other beside write frames.
using broadcast_message = std::variant<prune, graft, digest>;

} // namespace hetzel::cluster
