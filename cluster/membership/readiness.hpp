#pragma once

#include "cluster/membership/member_map.hpp"
#include "cluster/swc/dot.hpp"

#include <cstdint>
#include <map>
#include <set>
#include <vector>

namespace hetzel::cluster {

/// Whether this node sees its whole cluster and knows what the others know
/// (replication.md 4.4).
///
/// A netsplit begins when a cluster that was ready misses a member, and ends
/// when it is ready again: not when the links are back, but when what was
/// missed has been exchanged. A start before the first readiness is none.
class readiness {
public:
  readiness(store_id own, std::uint8_t shards)
    : own_(own), shards_(shards) {}

  void set_members(const member_map& members);
  /// Who was out of reach owes its pulls again, whether its link was lost or
  /// not: what was meant for it may have been dropped.
  void set_reachable(store_id peer, bool is_reachable);
  /// From now on every shard has to finish a pull from the peer again.
  void on_link_up(store_id peer);
  /// A complete pull of the shard from the peer that began after its link came
  /// up.
  void on_pulled(store_id peer, shard_no shard);

  /// A member (joining, up or leaving) cannot be reached.
  [[nodiscard]] bool is_split() const noexcept { return !missing_.empty(); }
  /// Every member that can be reached has been pulled from, in every shard,
  /// since its link came up last.
  [[nodiscard]] bool is_caught_up() const noexcept;
  [[nodiscard]] bool is_ready() const noexcept {
    return !is_split() && is_caught_up();
  }

  /// Members that cannot be reached, ascending.
  [[nodiscard]] const std::set<store_id>& missing() const noexcept {
    return missing_;
  }
  /// Pulls that are owed: peer by peer, the shards.
  [[nodiscard]] std::map<store_id, std::vector<shard_no>> owed() const;

  [[nodiscard]] std::uint64_t netsplits_detected() const noexcept {
    return detected_;
  }
  [[nodiscard]] std::uint64_t netsplits_resolved() const noexcept {
    return resolved_;
  }

private:
  void owe(store_id peer);
  void update();

  store_id own_;
  std::uint8_t shards_;
  std::set<store_id> peers_;
  std::set<store_id> reachable_;
  std::set<store_id> missing_;
  // Shards still to be pulled since the link came up; without an entry: all.
  std::map<store_id, std::set<shard_no>> open_;
  bool was_ready_ = false;
  bool is_in_netsplit_ = false;
  std::uint64_t detected_ = 0;
  std::uint64_t resolved_ = 0;
};

} // namespace hetzel::cluster
