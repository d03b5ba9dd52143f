#pragma once

#include "actors/messaging/index/queue_id.hpp"
#include "actors/messaging/subscriber_key.hpp"

#include <boost/unordered/unordered_flat_map.hpp>

#include <cstddef>
#include <cstdint>
#include <deque>
#include <vector>

namespace hetzel::messaging {

class queue;

/// The queues of one reactor: by id for deliveries, by subscriber for CONNECT.
/// It is the record that a restarted registrar finds its queues in. Used by
/// the reactor's thread only.
class queue_table {
public:
  explicit queue_table(queue_id::reactor_type reactor) noexcept
    : reactor_(reactor) {}

  /// Gives `key` an id; its queue binds itself when it starts. Precondition:
  /// the key has none. Zero: the table is full.
  [[nodiscard]] queue_id reserve(subscriber_key key);

  void bind(queue_id id, queue& owner) noexcept;

  /// The key is free again and the id reaches nobody from here on. Ignores an
  /// id that was released already.
  void release(queue_id id) noexcept;

  /// Null when that queue is gone or has not started.
  [[nodiscard]] queue* find(queue_id id) const noexcept {
    if (id.slot() >= slots_.size())
      return nullptr;
    const auto& entry = slots_[id.slot()];
    return entry.generation == id.generation() ? entry.owner : nullptr;
  }

  /// Zero when the subscriber has no queue.
  [[nodiscard]] queue_id find(const subscriber_key& key) const;

  /// Precondition: `id` was reserved and not released.
  [[nodiscard]] const subscriber_key& key_of(queue_id id) const;

  [[nodiscard]] std::size_t size() const noexcept { return by_key_.size(); }

  /// Calls `visit(queue&)` for every started one; it must not change the table.
  template <class Visitor>
  void for_each(Visitor&& visit) const {
    for (const auto& entry : slots_)
      if (entry.owner)
        visit(*entry.owner);
  }

private:
  struct slot {
    queue* owner = nullptr;
    std::uint32_t generation = 0;
    bool used = false;
    subscriber_key key;
  };

  [[nodiscard]] queue_id id_of(std::uint32_t position) const noexcept;

  queue_id::reactor_type reactor_;
  /// A deque: `by_key_` points at the keys.
  std::deque<slot> slots_;
  std::vector<std::uint32_t> free_;
  boost::unordered_flat_map<mqtt::bytes_view, std::uint32_t> by_key_;
};

} // namespace hetzel::messaging
