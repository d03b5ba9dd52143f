#pragma once

#include "cluster/swc/dot_set.hpp"

#include <cstdint>
#include <span>

namespace hetzel::cluster {

/// What a member knows of a retired actor whose frames it takes no more.
struct retired_column {
  dot_set dots;
  /// No larger counter of the actor occurs there in any way: clock, contexts,
  /// floor.
  std::uint64_t bound = 0;
};

struct retirement {
  /// Counters that nobody has and nobody ever will: they died with a disk, or
  /// were never used. For every member's `replica::add_voids`.
  dot_set voids;
  /// Some record knows of an event that is in nobody's clock. After the voids
  /// every member needs one range pull from every other member, for pulls of
  /// dots cannot spread that.
  bool needs_levelling = false;
};

/// Closes the column of an actor. Only with an answer of every member that is
/// not removed, evicted ones too, all in the same version of the membership:
/// whoever is absent may hold the only copy of an event.
[[nodiscard]] retirement retire(std::span<const retired_column> answers);

} // namespace hetzel::cluster
