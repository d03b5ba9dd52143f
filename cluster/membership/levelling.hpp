#pragma once

#include "cluster/membership/void_map.hpp"

#include <cstdint>
#include <map>
#include <vector>

namespace hetzel::cluster {

/// How far the levels of the columns were reached here.
using level_map = std::map<void_map::key, std::uint64_t>;

/// Which shards need a range pull from every other member, because records
/// know of events that are in nobody's clock (replication.md 2.11).
class levelling {
public:
  /// Shards whose columns ask for more than was done, ascending; none that goes
  /// on already.
  [[nodiscard]] std::vector<shard_no> begin(const void_map& asked,
                                            const level_map& done);
  /// The pulls that `begin` asked for are finished; raises `done` to what was
  /// asked when they began. Whether it changed.
  bool finish(shard_no shard, level_map& done);
  [[nodiscard]] bool goes_on(shard_no shard) const {
    return begun_.contains(shard);
  }

private:
  std::map<shard_no, level_map> begun_;
};

} // namespace hetzel::cluster
