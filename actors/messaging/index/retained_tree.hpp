#pragma once

#include "actors/messaging/index/node_pool.hpp"
#include "actors/messaging/index/slot_table.hpp"
#include "actors/messaging/index/stored_text.hpp"
#include "protocol/message.hpp"

#include <cstddef>
#include <cstdint>
#include <memory>

namespace hetzel::messaging {

/// One level of topic names with retained messages; one cache line.
struct alignas(64) retained_node {
  /// Null on the way to longer names.
  mqtt::message_ptr message;
  node_id parent = 0;
  node_id first_child = 0;
  node_id previous = 0; ///< among the parent's children
  node_id next = 0;
  /// Hash of the path from the top to here.
  std::uint32_t path_hash = 0;
  /// Cursors that stand here.
  std::uint32_t pins = 0;
  stored_text<30> level;

  [[nodiscard]] bool is_unused() const noexcept {
    return !message && first_child == 0 && pins == 0;
  }
};

static_assert(sizeof(retained_node) == 64);

/// Topic names as a tree: top → one root per mountpoint → levels. Children are
/// found by name through one hash table for all edges, and one after the other
/// through a list. A node lives as long as something hangs on it or a cursor
/// stands on it.
class retained_tree {
public:
  retained_tree(std::uint64_t hash_seed, std::shared_ptr<chunk_arena> arena);

  [[nodiscard]] retained_node& at(node_id id) noexcept { return nodes_.at(id); }

  [[nodiscard]] const retained_node& at(node_id id) const noexcept {
    return nodes_.at(id);
  }

  /// The root of that mountpoint; zero: none.
  [[nodiscard]] node_id find_root(mqtt::bytes_view mountpoint) const noexcept;

  [[nodiscard]] node_id child(node_id parent,
                              mqtt::bytes_view level) const noexcept;

  /// The node whose message has that topic; zero: none. One look-up, however
  /// many levels.
  [[nodiscard]] node_id find(mqtt::bytes_view mountpoint,
                             mqtt::bytes_view topic_name) const noexcept;

  /// The node of that topic, with or without message.
  [[nodiscard]] node_id make(mqtt::bytes_view mountpoint,
                             mqtt::bytes_view topic_name);

  void pin(node_id node) noexcept { ++at(node).pins; }

  void unpin(node_id node) noexcept {
    --at(node).pins;
    release(node);
  }

  /// Frees the node when it is unused, then its parents that become so.
  void release(node_id node) noexcept;

  /// Nodes in use but for the top; all ids are below `node_end()`.
  [[nodiscard]] std::size_t node_count() const noexcept;
  [[nodiscard]] std::size_t node_end() const noexcept;
  [[nodiscard]] std::size_t memory_bytes() const noexcept;

private:
  [[nodiscard]] std::uint32_t step(std::uint32_t path_hash,
                                   mqtt::bytes_view level) const noexcept;
  [[nodiscard]] node_id make_child(node_id parent, mqtt::bytes_view level);
  void unlink(node_id node) noexcept;

  std::uint64_t seed_;
  node_pool<retained_node, &retained_node::parent> nodes_;
  slot_table edges_;
  std::size_t text_bytes_ = 0;
  node_id top_;
};

} // namespace hetzel::messaging
