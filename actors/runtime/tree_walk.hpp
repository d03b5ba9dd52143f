#pragma once

#include "actors/runtime/actor_description.hpp"
#include "actors/runtime/child.hpp"
#include "actors/runtime/supervisor.hpp"

#include <caf/actor_system.hpp>

#include <chrono>
#include <cstddef>
#include <functional>
#include <future>
#include <string>
#include <vector>

namespace hetzel::runtime {

/// One actor of a supervision tree at the time it was asked.
struct tree_node {
  child_listing listing; ///< by its parent; of the root only `actor` is set
  actor_description description;
  std::string problem; ///< why `description` or `children` is missing; or empty
  std::vector<tree_node> children; ///< in the parent's order
};

struct tree_walk_options {
  /// For the answer of each single actor.
  std::chrono::milliseconds answer_deadline = std::chrono::seconds{5};
  /// Nodes visited; what lies beyond is left out, and its parent says so.
  std::size_t nodes_max = 200'000;
  /// Questions that wait for an answer at one time.
  std::size_t questions_max = 256;
};

/// Asks `root` and all below it, concurrently; `done` gets the tree on a thread
/// of CAF's scheduler. A node that does not answer has a `problem`, so the walk
/// ends in any case.
void walk_tree(caf::actor_system& system, const parent_actor& root,
               tree_walk_options options, std::function<void(tree_node)> done);

/// The same for who can wait: tests, and threads of their own.
std::future<tree_node> walk_tree(caf::actor_system& system,
                                 const parent_actor& root,
                                 tree_walk_options options = {});

/// Calls `visit` with `node` and all below it, parents first, and the depth.
void for_each_node(
  const tree_node& node,
  const std::function<void(const tree_node&, std::size_t depth)>& visit);

} // namespace hetzel::runtime
