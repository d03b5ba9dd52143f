#pragma once

#include "actors/messaging/config.hpp"
#include "protocol/delivery.hpp"

#include <boost/circular_buffer.hpp>

#include <cstddef>
#include <optional>

namespace hetzel::messaging {

/// What became of a message that was pushed.
enum class push_verdict : unsigned char { queued, dropped_new, dropped_oldest };

/// What a message counts in a limit of bytes: about what it takes on disk.
[[nodiscard]] std::size_t counted_bytes(const mqtt::message& message) noexcept;

/// The messages of one queue that were not sent yet, under the policy of
/// spec 4.3. Plain data: the owner counts and times. Empty, it owns no memory.
class pending_queue {
public:
  explicit pending_queue(queue_order order) noexcept : order_(order) {}

  [[nodiscard]] std::size_t size() const noexcept { return items_.size(); }
  [[nodiscard]] bool empty() const noexcept { return items_.empty(); }

  /// Of all together, `counted_bytes`.
  [[nodiscard]] std::size_t bytes() const noexcept { return bytes_; }

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
  /// The same of their bytes.
  std::size_t trim_bytes(std::size_t limit);

  /// Removes those that `predicate` takes; calls it in the order they came. It
  /// may push: what comes meanwhile stands behind the rest, unasked.
  template <class Predicate>
  void erase_if(Predicate&& predicate) {
    boost::circular_buffer<mqtt::delivery> asked;
    boost::circular_buffer<mqtt::delivery> kept;
    asked.swap(items_);
    for (auto& item : asked) {
      const auto bytes = counted_bytes(*item.message);
      if (predicate(item))
        bytes_ -= bytes;
      else
        append(kept, std::move(item));
    }
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
  void drop_one();
  mqtt::delivery take_front();
  mqtt::delivery take_back();

  queue_order order_;
  std::size_t bytes_ = 0;
  boost::circular_buffer<mqtt::delivery> items_;
};

} // namespace hetzel::messaging
