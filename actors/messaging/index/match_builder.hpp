#pragma once

#include "actors/messaging/index/filter_walk.hpp"
#include "actors/messaging/index/match_set.hpp"
#include "actors/messaging/index/topic_key.hpp"

#include <boost/unordered/unordered_flat_map.hpp>

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace hetzel::messaging {

/// What a search works with, for up to two indices at a time.
struct search_scratch {
  topic_key topic;
  std::array<walk_room, 2> rooms;
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

  /// For whoever searches on behalf of this builder.
  [[nodiscard]] search_scratch& scratch() noexcept { return scratch_; }

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
  search_scratch scratch_;
};

} // namespace hetzel::messaging
