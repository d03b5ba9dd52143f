#pragma once

#include "cluster/swc/dot.hpp"

#include <map>
#include <set>
#include <utility>
#include <vector>

namespace hetzel::cluster {

/// Who can reach whom, as far as this node knows: its own opinion, and what
/// the members that it can reach say of themselves.
class reachability {
public:
  explicit reachability(store_id own) noexcept : own_(own) {}

  /// All that are not removed. Reports of others are forgotten.
  void set_members(const std::vector<store_id>& members);
  /// The opinion of this node's own detector.
  void set_reachable(store_id peer, bool is_reachable);
  /// What the peer said last (`from_bitmap`). Returns whom it cannot reach but
  /// this node can: hearsay for the detector.
  std::vector<store_id> on_report(store_id peer, std::set<store_id> reachable);

  /// This node and the members it can reach, ascending: its side of a split.
  [[nodiscard]] std::set<store_id> view() const;
  /// Every two in the view can reach each other, both ways. False also as long
  /// as one of them has not said whom it can reach. When it is false the
  /// partition is partial: others see another view.
  [[nodiscard]] bool is_clique() const { return broken_pairs().empty(); }
  /// The pairs of the view of which one does not (say that it does) reach the
  /// other, the lower store first.
  [[nodiscard]] std::vector<std::pair<store_id, store_id>>
  broken_pairs() const;
  [[nodiscard]] bool reaches(store_id from, store_id to) const;

private:
  store_id own_;
  std::set<store_id> members_;
  std::set<store_id> reachable_;
  std::map<store_id, std::set<store_id>> reports_;
};

} // namespace hetzel::cluster
