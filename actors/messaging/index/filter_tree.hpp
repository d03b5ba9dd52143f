#pragma once

#include "actors/messaging/index/node_pool.hpp"
#include "actors/messaging/index/slot_table.hpp"
#include "actors/messaging/index/stored_text.hpp"
#include "actors/messaging/index/subscriber_list.hpp"
#include "actors/messaging/index/topic_key.hpp"

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>

namespace hetzel::messaging {

/// One level of wildcard filters; one cache line.
struct alignas(64) filter_node {
  /// Filters that end here.
  subscriber_list here;
  /// Filters that go on with '#', which also match this level.
  subscriber_list rest;
  node_id parent = 0;
  /// Levels below by their text; of a mountpoint's root also the filters
  /// without wildcard, which are kept elsewhere.
  std::uint32_t children = 0;
  /// The level below named '+'.
  node_id plus = 0;
  /// Hash of the path from the top to here.
  std::uint32_t path_hash = 0;
  /// A '+' node has none.
  stored_text<14> level;

  [[nodiscard]] bool is_unused() const noexcept {
    return children == 0 && plus == 0 && here.empty() && rest.empty();
  }
};

static_assert(sizeof(filter_node) == 64);

/// The wildcard filters as a tree: top → one root per mountpoint → levels. The
/// edges of all nodes are in one hash table, found by the path's hash, which
/// does not depend on where the nodes are: a walk can fetch the next edges
/// before it has read the nodes. A node lives as long as something hangs on it.
class filter_tree {
public:
  filter_tree(std::uint64_t hash_seed, std::shared_ptr<chunk_arena> arena);

  [[nodiscard]] filter_node& at(node_id id) noexcept { return nodes_.at(id); }

  [[nodiscard]] const filter_node& at(node_id id) const noexcept {
    return nodes_.at(id);
  }

  /// The root of that mountpoint; zero: none.
  [[nodiscard]] node_id find_root(mqtt::bytes_view mountpoint) const noexcept;
  [[nodiscard]] node_id
  find_root(const topic_key::level& mountpoint) const noexcept;
  [[nodiscard]] node_id make_root(mqtt::bytes_view mountpoint);

  /// The node at the end of a filter's levels (see split_filter); zero: none.
  [[nodiscard]] node_id
  find(node_id root, std::optional<mqtt::bytes_view> levels) const noexcept;
  [[nodiscard]] node_id make(node_id root,
                             std::optional<mqtt::bytes_view> levels);

  /// Frees the node when it is unused, then its parents that become so.
  void release(node_id node) noexcept;

  /// Nodes in use but for the top.
  [[nodiscard]] std::size_t node_count() const noexcept;
  [[nodiscard]] std::size_t memory_bytes() const noexcept;

private:
  friend class filter_walk;

  [[nodiscard]] node_id child(node_id parent, mqtt::bytes_view level,
                              std::uint32_t path_hash) const noexcept;
  [[nodiscard]] std::uint32_t step(std::uint32_t path_hash,
                                   mqtt::bytes_view level) const noexcept;
  [[nodiscard]] node_id make_child(node_id parent, mqtt::bytes_view level);
  [[nodiscard]] node_id make_plus(node_id parent);
  void unlink(node_id node) noexcept;

  std::uint64_t seed_;
  node_pool<filter_node, &filter_node::parent> nodes_;
  slot_table edges_;
  std::size_t text_bytes_ = 0;
  node_id top_;
};

} // namespace hetzel::messaging
