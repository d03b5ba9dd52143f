#include "cluster/membership/void_map.hpp"

namespace hetzel::cluster {

bool void_map::add(shard_no shard, actor_id actor, const void_column& column) {
  if (column == void_column{})
    return false;
  auto& known = columns_[{shard, actor}];
  bool changed = false;
  if (!known.voids.includes(column.voids)) {
    known.voids.unite(column.voids);
    changed = true;
  }
  if (column.level > known.level) {
    known.level = column.level;
    changed = true;
  }
  return changed;
}

bool void_map::merge(const void_map& other) {
  bool changed = false;
  for (auto& [at, column] : other)
    changed = add(at.first, at.second, column) || changed;
  return changed;
}

void_set void_map::voids_of(shard_no shard) const {
  void_set voids;
  for (auto& [at, column] : columns_)
    if (at.first == shard && !column.voids.empty())
      voids.unite(at.second, column.voids);
  return voids;
}

std::uint64_t void_map::level_of(shard_no shard,
                                 actor_id actor) const noexcept {
  auto found = columns_.find({shard, actor});
  return found == columns_.end() ? 0 : found->second.level;
}

} // namespace hetzel::cluster
