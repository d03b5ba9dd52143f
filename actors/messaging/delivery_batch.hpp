#pragma once

#include "actors/messaging/index/match_set.hpp"
#include "actors/messaging/storage/receipt.hpp"
#include "actors/messaging/storage/shared_body.hpp"
#include "protocol/delivery.hpp"

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <utility>
#include <vector>

namespace hetzel::messaging {

/// A message for all targets of its match on one reactor or, when `single` is
/// set, for one chosen queue.
struct routed_message {
  [[nodiscard]] static routed_message
  to_all(mqtt::message_ptr message, std::shared_ptr<const match_set> targets) {
    routed_message made;
    made.message = std::move(message);
    made.targets = std::move(targets);
    return made;
  }

  mqtt::message_ptr message;
  std::shared_ptr<const match_set> targets;
  queue_id single;
  /// Of `single`: the share group it was chosen from, and what it subscribed.
  mqtt::share_id share = 0;
  mqtt::qos quality{};
  bool retain = false;
  /// How many members before `single` were gone when it came to them.
  unsigned char detours = 0;
  mqtt::subscription_ids ids;
  /// For who stores it; null: the publisher does not wait.
  receipt_ptr receipt;
  /// For the queues of its reactor that store it.
  shared_body body;
};

/// Messages under way from one reactor to an inbox or mailbox elsewhere. Those
/// have no bound, so the sender has: above `in_transit_max` its publishers
/// are not read until the receiver has caught up.
class transit_credit {
public:
  static constexpr std::int64_t in_transit_max = 20'000;

  void take(std::size_t messages) noexcept {
    in_transit_.fetch_add(static_cast<std::int64_t>(messages),
                          std::memory_order_relaxed);
  }

  /// True when the sender is to be told that it may go on.
  [[nodiscard]] bool give_back(std::size_t messages) noexcept {
    const auto before = in_transit_.fetch_sub(
      static_cast<std::int64_t>(messages), std::memory_order_acq_rel);
    const auto after = before - static_cast<std::int64_t>(messages);
    return after <= in_transit_max / 2
           && is_awaited_.load(std::memory_order_acquire)
           && is_awaited_.exchange(false);
  }

  [[nodiscard]] bool is_exhausted() const noexcept {
    return in_transit_.load(std::memory_order_acquire) > in_transit_max;
  }

  /// Asks for a true from `give_back`. Check `is_exhausted` again afterwards.
  void await() noexcept { is_awaited_.store(true); }

private:
  std::atomic<std::int64_t> in_transit_{0};
  std::atomic<bool> is_awaited_{false};
};

/// What one tick of one reactor has for an actor elsewhere. Destroying it gives
/// its credit back, also when its receiver died.
template <class T>
struct transit_batch {
  /// Called when the sender waits for credit; must be callable from any thread.
  using wake_function = void (*)(void* sender);

  transit_batch() = default;
  transit_batch(const transit_batch&) = delete;
  transit_batch& operator=(const transit_batch&) = delete;

  ~transit_batch() {
    if (credit && credit->give_back(items.size()))
      wake(sender);
  }

  std::vector<T> items;
  transit_credit* credit = nullptr;
  wake_function wake = nullptr;
  void* sender = nullptr;
};

using delivery_batch = transit_batch<routed_message>;
using delivery_batch_ptr = std::shared_ptr<delivery_batch>;
using retained_batch = transit_batch<mqtt::message_ptr>;

} // namespace hetzel::messaging
