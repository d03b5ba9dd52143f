#pragma once

#include "actors/messaging/index/filter_walk.hpp"
#include "actors/messaging/index/topic_key.hpp"
#include "actors/messaging/index/whole_names.hpp"

#include <cstdint>
#include <optional>

namespace hetzel::messaging {

/// What a subscription_index consists of, for those who search it.
struct subscription_parts {
  const filter_tree& tree;
  const whole_names& names;
};

/// One topic's search of one index, in steps: two indices searched step by step
/// in turn wait for memory at the same time. (In a table of a million, 2.4 µs
/// for one after the other became 1.5.)
class subscription_search {
public:
  /// All must outlive it.
  subscription_search(const subscription_parts& parts, const topic_key& topic,
                      walk_room& room, match_builder& out);

  /// False when only `finish` is left to do.
  bool step();

  /// Adds the subscribers of the filter that is the name itself.
  void finish();

private:
  const subscription_parts& parts_;
  const topic_key& topic_;
  match_builder& out_;
  node_id root_;
  std::uint32_t name_hash_ = 0;
  bool is_name_wanted_ = false;
  std::optional<filter_walk> walk_;
};

} // namespace hetzel::messaging
