#pragma once

#include "actors/messaging/index/filter_tree.hpp"
#include "actors/messaging/index/levels.hpp"
#include "actors/messaging/index/match_builder.hpp"

#include <cstdint>

namespace hetzel::messaging {

/// Finds the wildcard filters that match one topic name, a level of the name
/// per step. All nodes of a level are looked at before those of the next: the
/// memory they need is asked for together, and a walk waits about once per
/// level for a memory that is far away, not once per node.
class filter_walk {
public:
  /// All must outlive it; `root` is not zero. Uses the scratch of `out`.
  filter_walk(const filter_tree& tree, node_id root,
              mqtt::bytes_view topic_name, match_builder& out);

  /// False when the walk has ended.
  bool step();

private:
  /// Makes the level after this one the one whose hash is known in advance.
  void read_ahead() noexcept;
  void visit(walk_step step);
  void follow_plus(node_id plus, std::uint32_t path_hash);
  void resolve_edges();
  [[nodiscard]] bool verify(walk_step& step) const noexcept;

  const filter_tree& tree_;
  match_builder& out_;
  walk_scratch& scratch_;
  level_reader reader_;
  /// A leading wildcard does not count.
  bool is_hidden_;
  /// Levels from the name; the first has led here, the second leads on.
  mqtt::bytes_view last_level_;
  mqtt::bytes_view level_;
  std::uint64_t level_hash_ = 0;
  bool has_level_ = true;
  mqtt::bytes_view coming_level_;
  std::uint64_t coming_hash_ = 0;
  bool has_coming_ = true;
  std::uint64_t plus_hash_;
};

} // namespace hetzel::messaging
