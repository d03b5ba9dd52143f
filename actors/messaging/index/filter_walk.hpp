#pragma once

#include "actors/messaging/index/filter_tree.hpp"
#include "actors/messaging/index/topic_key.hpp"

#include <cstddef>
#include <cstdint>
#include <vector>

namespace hetzel::messaging {

class match_builder;

/// A node that a walk looks at next.
struct walk_place {
  /// Found by its hash only, unless `parent` is zero.
  node_id node;
  /// What the node's parent must be.
  node_id parent;
  std::uint32_t path_hash;
};

/// Room for the nodes of two adjacent levels.
struct walk_room {
  std::vector<walk_place> here;
  std::vector<walk_place> next;
};

/// Finds the wildcard filters that match one topic name, a level of the name
/// per step. All nodes of a level are looked at before those of the next: the
/// memory they need is asked for together, and a walk waits about once per
/// level for a memory that is far away, not once per node.
class filter_walk {
public:
  /// All must outlive it; `root` is not zero.
  filter_walk(const filter_tree& tree, node_id root, const topic_key& topic,
              walk_room& room, match_builder& out);

  /// False when the walk has ended.
  bool step();

private:
  void visit(walk_place place);
  void follow_plus(node_id plus, std::uint32_t path_hash);
  void follow_edges();
  void prefetch_edge_below(std::uint32_t path_hash) const noexcept;
  [[nodiscard]] bool verify(walk_place& place) const noexcept;

  const filter_tree& tree_;
  const topic_key& topic_;
  walk_room& room_;
  match_builder& out_;
  /// Levels taken so far.
  std::size_t depth_ = 0;
  /// A leading wildcard does not count.
  bool is_hidden_;
};

} // namespace hetzel::messaging
