#pragma once

#include "actors/messaging/index/queue_id.hpp"
#include "actors/messaging/index/share_policy.hpp"

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>

namespace hetzel::messaging {

/// Whether each queue of one reactor is online and stored, and how much waits
/// in it, written by that reactor and read by all others when they choose the
/// member of a share group, or who waits for the store. Grows in chunks that
/// never move.
class queue_loads {
public:
  static constexpr std::size_t chunk_slots = 4096;
  static constexpr std::size_t chunks_max = 1024;
  /// Queues a reactor can have.
  static constexpr std::size_t slots_max = chunk_slots * chunks_max;

  queue_loads() = default;
  ~queue_loads();
  queue_loads(const queue_loads&) = delete;
  queue_loads& operator=(const queue_loads&) = delete;

  /// The owner's. Precondition: slot below `slots_max`.
  void set(queue_id queue, member_load load);

  /// From any thread. A queue that is gone is offline.
  [[nodiscard]] member_load get(queue_id queue) const noexcept;

  /// Queues that are stored. From any thread.
  [[nodiscard]] std::size_t stored_count() const noexcept {
    return stored_count_.load(std::memory_order_relaxed);
  }

private:
  /// Generation (24 bits), stored (1 bit), online (1 bit), depth (32 bits).
  using chunk = std::array<std::atomic<std::uint64_t>, chunk_slots>;

  std::array<std::atomic<chunk*>, chunks_max> chunks_{};
  std::atomic<std::size_t> stored_count_{0};
};

} // namespace hetzel::messaging
