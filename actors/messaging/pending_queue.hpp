#pragma once

#include "actors/messaging/config.hpp"
#include "protocol/delivery.hpp"

#include <boost/circular_buffer.hpp>

#include <cstddef>
#include <optional>

namespace hetzel::messaging {

/// What became of a message that was pushed.
enum class push_verdict : unsigned char { queued, dropped_new, dropped_oldest };

/// The messages of one queue that were not sent yet, under the policy of
/// spec 4.3. Plain data: the owner counts and times. Empty, it owns no memory.
class pending_queue {
public:
  explicit pending_queue(queue_order order) noexcept : order_(order) {}

  [[nodiscard]] std::size_t size() const noexcept { return items_.size(); }
  [[nodiscard]] bool empty() const noexcept { return items_.empty(); }

  /// Adds `item` when fewer than `limit` are waiting, else applies the drop
  /// rule. `dropped` receives what was dropped. nullopt: no limit.
  push_verdict push(mqtt::delivery item, std::optional<std::size_t> limit,
                    mqtt::delivery& dropped);

  /// Adds what comes after all others (LIFO: it is older than they).
  void push_last(mqtt::delivery item);

  /// Removes and returns the oldest. Precondition: not empty.
  mqtt::delivery pop_oldest();

  /// The next to send. Precondition: not empty.
  [[nodiscard]] const mqtt::delivery& next() const;

  /// Removes and returns the next to send. Precondition: not empty.
  mqtt::delivery pop();

  /// Drops what exceeds `limit` by the same rule: the newest (fifo) or the
  /// oldest (lifo). Returns how many.
  std::size_t trim(std::size_t limit);

  /// Removes those that `predicate` takes; calls it in the order they came. It
  /// may push: what comes meanwhile stands behind the rest, unasked.
  template <class Predicate>
  void erase_if(Predicate&& predicate) {
    boost::circular_buffer<mqtt::delivery> asked;
    boost::circular_buffer<mqtt::delivery> kept;
    asked.swap(items_);
    for (auto& item : asked)
      if (!predicate(item))
        append(kept, std::move(item));
    for (auto& item : items_)
      append(kept, std::move(item));
    items_.swap(kept);
  }

private:
  /// Grows by doubling, since a circular buffer of Boost's has a fixed size.
  static void append(boost::circular_buffer<mqtt::delivery>& to,
                     mqtt::delivery item);
  static void make_room(boost::circular_buffer<mqtt::delivery>& in);
  void release_if_empty();

  queue_order order_;
  boost::circular_buffer<mqtt::delivery> items_;
};

} // namespace hetzel::messaging
