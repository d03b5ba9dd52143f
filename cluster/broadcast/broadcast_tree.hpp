#pragma once

#include "cluster/swc/dot.hpp"

#include <chrono>
#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <vector>

namespace hetzel::cluster {

struct tree_options {
  /// So many frames of a root come from a peer one after the other that all
  /// were known, and it is asked to send no more. At least 1.
  std::uint32_t prune_threshold = 2;
  /// A peer is asked once in this time, for each root; so is a graft sent.
  std::chrono::milliseconds request_interval = std::chrono::seconds{1};
};

/// What a node knows of the tree along which frames of one root travel: whom
/// it sends them to (eager), and whom it tells but digests (lazy). A peer is
/// in one of the sets or in none. Learns from what arrives.
class broadcast_tree {
public:
  using time_point = std::chrono::steady_clock::time_point;

  broadcast_tree(const std::vector<store_id>& eager,
                 const std::vector<store_id>& lazy)
    : eager_(eager.begin(), eager.end()), lazy_(lazy.begin(), lazy.end()) {}

  [[nodiscard]] const std::set<store_id>& eager() const noexcept {
    return eager_;
  }
  [[nodiscard]] const std::set<store_id>& lazy() const noexcept {
    return lazy_;
  }

  // -- what arrives ----------------------------------------------------------

  /// A frame from this peer was new.
  void on_new(store_id from) { forgive(from); }

  /// A frame from this peer was known. Whether it is to be asked to send no
  /// more; this node sends it none either then.
  [[nodiscard]] bool on_duplicate(store_id from, const tree_options& options,
                                  time_point now);

  void on_prune(store_id from) { make_lazy(from); }
  void on_graft(store_id from) { make_eager(from); }

  /// Whether to ask this peer for frames of the root; not if one was asked just
  /// now, when another shard found that something is missing.
  [[nodiscard]] bool may_graft(store_id peer, const tree_options& options,
                               time_point now);

  // -- peers and members -----------------------------------------------------

  void make_eager(store_id peer);
  void make_lazy(store_id peer);
  /// The peer is down or no member any more.
  void drop(store_id peer);

  /// When the root left; nothing while it is a member.
  std::optional<time_point> removed_at;

private:
  void forgive(store_id peer);

  struct arrivals {
    std::uint32_t known = 0;
    std::optional<time_point> pruned_at;
  };

  std::set<store_id> eager_;
  std::set<store_id> lazy_;
  std::map<store_id, arrivals> duplicates_;
  std::optional<time_point> grafted_at_;
};

} // namespace hetzel::cluster
