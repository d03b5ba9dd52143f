#pragma once

#include "actors/messaging/index/node_pool.hpp"

#include <cstddef>
#include <cstdint>
#include <vector>

namespace hetzel::messaging {

/// Finds nodes by a 32-bit hash of their key; the key itself is in the node,
/// where the caller compares it. Eight bytes a slot, open addressing with
/// linear probing, at most 3/4 full; a failed look-up costs one cache line as a
/// rule. Erasing leaves no marks behind.
class slot_table {
public:
  /// The first node with that hash for which `is_it(node_id)` holds; zero:
  /// none.
  template <class Predicate>
  [[nodiscard]] node_id find(std::uint32_t hash, Predicate&& is_it) const {
    if (slots_.empty())
      return 0;
    for (auto i = home(hash); slots_[i].id != 0; i = after(i))
      if (slots_[i].hash == hash && is_it(slots_[i].id))
        return slots_[i].id;
    return 0;
  }

  /// The first node with that hash; another may come after it.
  [[nodiscard]] node_id candidate(std::uint32_t hash) const noexcept {
    return find(hash, [](node_id) { return true; });
  }

  void prefetch(std::uint32_t hash) const noexcept {
    if (!slots_.empty())
      __builtin_prefetch(&slots_[home(hash)]);
  }

  void insert(std::uint32_t hash, node_id id);

  /// Precondition: it is there.
  void erase(std::uint32_t hash, node_id id) noexcept;

  [[nodiscard]] std::size_t size() const noexcept { return size_; }

  [[nodiscard]] std::size_t memory_bytes() const noexcept {
    return slots_.capacity() * sizeof(slot);
  }

private:
  struct slot {
    std::uint32_t hash = 0;
    node_id id = 0;
  };

  // The high bits choose the home, so slots are ordered by hash but for
  // collisions, and resizing reads and writes memory in order.
  [[nodiscard]] std::size_t home(std::uint32_t hash) const noexcept {
    return hash >> shift_;
  }

  [[nodiscard]] std::size_t after(std::size_t i) const noexcept {
    return (i + 1) & (slots_.size() - 1);
  }

  void resize(unsigned bits);
  void place(slot added) noexcept;

  std::vector<slot> slots_;
  std::size_t size_ = 0;
  unsigned shift_ = 32;
};

} // namespace hetzel::messaging
