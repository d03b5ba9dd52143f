#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <vector>

namespace hetzel::messaging {

/// Number of a node in its pool; zero: none.
using node_id = std::uint32_t;

/// Nodes of one type by number, in chunks that never move, so that growing
/// costs no copy of what is there. Freed nodes are used again first; memory
/// goes back when the pool does.
template <class Node>
class node_pool {
public:
  /// A default-constructed node.
  [[nodiscard]] node_id allocate() {
    if (free_.empty())
      grow();
    const auto id = free_.back();
    free_.pop_back();
    return id;
  }

  void free(node_id id) noexcept {
    at(id) = Node{};
    free_.push_back(id); // within the capacity that `grow` reserved
  }

  [[nodiscard]] Node& at(node_id id) noexcept {
    return chunks_[id >> chunk_bits][id & chunk_mask];
  }

  [[nodiscard]] const Node& at(node_id id) const noexcept {
    return chunks_[id >> chunk_bits][id & chunk_mask];
  }

  void prefetch(node_id id) const noexcept { __builtin_prefetch(&at(id)); }

  /// Nodes in use.
  [[nodiscard]] std::size_t size() const noexcept {
    return capacity() - free_.size() - (chunks_.empty() ? 0 : 1);
  }

  /// All ids are below it.
  [[nodiscard]] std::size_t capacity() const noexcept {
    return chunks_.size() << chunk_bits;
  }

  [[nodiscard]] std::size_t memory_bytes() const noexcept {
    return capacity() * sizeof(Node) + free_.capacity() * sizeof(node_id);
  }

private:
  static constexpr std::size_t chunk_bits = 10;
  static constexpr std::size_t chunk_size = std::size_t{1} << chunk_bits;
  static constexpr std::size_t chunk_mask = chunk_size - 1;

  void grow() {
    const auto first = capacity();
    chunks_.push_back(std::make_unique<Node[]>(chunk_size));
    if (free_.capacity() < capacity())
      free_.reserve(capacity() * 2);
    // Lowest last, so that neighbours in time are neighbours in memory. Zero
    // is no node.
    const std::size_t end = first == 0 ? 1 : first;
    for (auto id = first + chunk_size; id-- > end;)
      free_.push_back(static_cast<node_id>(id));
  }

  std::vector<std::unique_ptr<Node[]>> chunks_;
  std::vector<node_id> free_;
};

} // namespace hetzel::messaging
