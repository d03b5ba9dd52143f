#pragma once

#include "actors/messaging/index/match_set.hpp"

#include <boost/unordered/unordered_flat_map.hpp>

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace hetzel::messaging {

/// A tree node still to be looked at by filter_walk.
struct walk_step {
  /// Found by its hash only, unless `parent` is zero.
  std::uint32_t node;
  /// What the node's parent must be.
  std::uint32_t parent;
  std::uint32_t path_hash;
};

/// Room for the nodes of two adjacent levels.
struct walk_scratch {
  std::vector<walk_step> here;
  std::vector<walk_step> next;
};

/// Gathers the subscriptions that match a topic, then makes the match_set. Kept
/// by the reader and used again and again, so that a match allocates nothing
/// but what its result holds.
class match_builder {
public:
  /// One filter's subscriptions. Each queue occurs once per call.
  void add(const subscription& one);
  void add(std::span<const subscription> several);

  void add(shared_target group) { shared_.push_back(std::move(group)); }

  /// Writes what was gathered to `out`, reusing its memory, and starts anew.
  void build(match_set& out);

  /// For the index that adds to this builder.
  [[nodiscard]] walk_scratch& scratch() noexcept { return scratch_; }

private:
  /// By reactor, and by queue when one may occur twice.
  void order();
  void make_targets(match_set& out);
  [[nodiscard]] match_target merge(std::span<const subscription> same_queue,
                                   match_set& out);
  [[nodiscard]] std::uint32_t add_ids(std::span<const subscription> same_queue,
                                      match_set& out);
  [[nodiscard]] std::uint32_t add_single_id(std::uint32_t id, match_set& out);

  std::vector<subscription> gathered_;
  std::vector<subscription> ordered_;
  /// Of one queue, those without No Local.
  std::vector<subscription> heard_;
  std::vector<shared_target> shared_;
  /// Filters that added to `gathered_`; with one, no queue occurs twice.
  std::size_t filters_ = 0;
  /// Lists of one identifier, which many targets may share, by identifier.
  boost::unordered_flat_map<std::uint32_t, std::uint32_t> single_ids_;
  walk_scratch scratch_;
};

} // namespace hetzel::messaging
