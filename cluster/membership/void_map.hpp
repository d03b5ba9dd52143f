#pragma once

#include "cluster/swc/dot_set.hpp"
#include "cluster/swc/sync_message.hpp"

#include <cstddef>
#include <cstdint>
#include <map>
#include <utility>

namespace hetzel::cluster {

/// What was agreed on about a retired actor in one shard (replication.md 2.11).
struct void_column {
  /// Counters that nobody has and nobody ever will.
  dot_set voids;
  /// Not 0: records know of events up to here that are in nobody's clock, so
  /// after taking the voids every member needs one range pull from every other.
  std::uint64_t level = 0;

  bool operator==(const void_column&) const = default;
};

/// The agreements of all shards. They only grow, so merging is commutative,
/// associative and idempotent.
class void_map {
public:
  using key = std::pair<shard_no, actor_id>;

  /// By shard, then actor, ascending; no column is empty and without a level.
  [[nodiscard]] auto begin() const noexcept { return columns_.begin(); }
  [[nodiscard]] auto end() const noexcept { return columns_.end(); }
  [[nodiscard]] std::size_t size() const noexcept { return columns_.size(); }
  [[nodiscard]] bool empty() const noexcept { return columns_.empty(); }

  /// Whether anything is new in it.
  bool add(shard_no shard, actor_id actor, const void_column& column);
  bool merge(const void_map& other);

  /// For `replica::add_voids`.
  [[nodiscard]] void_set voids_of(shard_no shard) const;
  /// 0 without a column.
  [[nodiscard]] std::uint64_t level_of(shard_no shard,
                                       actor_id actor) const noexcept;

  bool operator==(const void_map&) const = default;

private:
  std::map<key, void_column> columns_;
};

} // namespace hetzel::cluster
