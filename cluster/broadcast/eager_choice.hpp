#pragma once

#include "cluster/swc/dot.hpp"

#include <chrono>
#include <cstddef>
#include <string>
#include <vector>

namespace hetzel::cluster {

/// A member whom a node can send to, as that node sees it.
struct eager_candidate {
  store_id store{};
  /// Of the median heartbeat; 0 while unknown.
  std::chrono::microseconds round_trip{};
  /// The failure zone; empty when the operator names none.
  std::string zone;
};

/// How many peers a node sends to at first when there are so many nodes:
/// enough that a frame reaches all of 20 nodes in four hops.
[[nodiscard]] std::size_t eager_arity(std::size_t nodes);

/// Whom a node sends to in a tree of which nothing has been learnt yet.
///
/// The nodes stand in a ring, by store. Everybody sends to the next one, so
/// that no choice of anybody leaves a node out. The other places go to low
/// round trips; among those that are about equal (within a factor of two) to
/// the children that a k-ary tree laid around the ring gives this node, which
/// keeps paths short. If all of them are in the node's own zone, one from
/// another zone takes the last place.
///
/// `ring` has the node itself and all whom it can send to, by store, ascending
/// and each once. The result ascends too.
[[nodiscard]] std::vector<store_id>
choose_eager(const std::vector<eager_candidate>& ring, store_id self);

/// Round trips that differ by less than about a factor of two are the same.
[[nodiscard]] unsigned
round_trip_class(std::chrono::microseconds round_trip) noexcept;

} // namespace hetzel::cluster
