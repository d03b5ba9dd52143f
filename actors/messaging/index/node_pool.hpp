#pragma once

#include "actors/messaging/index/chunk_arena.hpp"

#include <cstddef>
#include <cstdint>
#include <memory>
#include <utility>
#include <vector>

namespace hetzel::messaging {

/// Number of a node in its pool; zero: none.
using node_id = std::uint32_t;

/// Nodes of one type by number, in chunks that never move, so that growing
/// costs no copy of what is there. Freed nodes are used again first, linked
/// through their member `Link`; chunks go back to the arena with the pool.
template <class Node, node_id Node::*Link>
class node_pool {
public:
  explicit node_pool(std::shared_ptr<chunk_arena> arena)
    : arena_(std::move(arena)) {}

  ~node_pool() {
    for (auto* chunk : chunks_) {
      std::destroy_n(chunk, chunk_size);
      arena_->give_back(chunk);
    }
  }

  node_pool(const node_pool&) = delete;
  node_pool& operator=(const node_pool&) = delete;

  /// A default-constructed node.
  [[nodiscard]] node_id allocate() {
    if (free_ == 0)
      grow();
    const auto id = free_;
    free_ = std::exchange(at(id).*Link, 0);
    ++size_;
    return id;
  }

  void free(node_id id) noexcept {
    at(id) = Node{};
    at(id).*Link = std::exchange(free_, id);
    --size_;
  }

  [[nodiscard]] Node& at(node_id id) noexcept {
    return chunks_[id >> chunk_bits][id & chunk_mask];
  }

  [[nodiscard]] const Node& at(node_id id) const noexcept {
    return chunks_[id >> chunk_bits][id & chunk_mask];
  }

  void prefetch(node_id id) const noexcept { __builtin_prefetch(&at(id)); }

  /// Nodes in use.
  [[nodiscard]] std::size_t size() const noexcept { return size_; }

  /// All ids are below it.
  [[nodiscard]] std::size_t capacity() const noexcept {
    return chunks_.size() << chunk_bits;
  }

  [[nodiscard]] std::size_t memory_bytes() const noexcept {
    return capacity() * sizeof(Node);
  }

private:
  static constexpr std::size_t chunk_bits = 10;
  static constexpr std::size_t chunk_size = std::size_t{1} << chunk_bits;
  static constexpr std::size_t chunk_mask = chunk_size - 1;
  static_assert(chunk_size * sizeof(Node) == chunk_arena::chunk_bytes);

  void grow() {
    const auto first = capacity();
    auto* chunk = static_cast<Node*>(arena_->take());
    std::uninitialized_value_construct_n(chunk, chunk_size);
    chunks_.push_back(chunk);
    // Lowest first, so that neighbours in time are neighbours in memory. Zero
    // is no node.
    const auto end = first == 0 ? std::size_t{1} : first;
    for (auto id = first + chunk_size; id-- > end;)
      at(static_cast<node_id>(id)).*Link
        = std::exchange(free_, static_cast<node_id>(id));
  }

  std::shared_ptr<chunk_arena> arena_;
  std::vector<Node*> chunks_;
  node_id free_ = 0;
  std::size_t size_ = 0;
};

} // namespace hetzel::messaging
