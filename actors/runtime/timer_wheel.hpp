#pragma once

#include "actors/runtime/intrusive_list.hpp"
#include "protocol/basic_types.hpp"

#include <array>
#include <chrono>
#include <cstdint>
#include <optional>

namespace hetzel::runtime {

/// Something to be called once at about a time. Destroying it cancels it.
class timer : public intrusive_list_node<timer> {
public:
  virtual ~timer() = default;

  /// On the wheel's thread, unlisted already; may schedule itself again, and
  /// may destroy itself and other timers.
  virtual void on_timeout(mqtt::time_point now) = 0;

  [[nodiscard]] bool is_scheduled() const noexcept { return is_listed(); }
  void cancel() noexcept { unlist(); }

private:
  friend class timer_wheel;
  std::uint64_t due_ = 0; // in ticks of the wheel
};

/// A hierarchical timing wheel: scheduling and cancelling cost a few pointer
/// writes, whatever the number of timers, so that the keep alive of each of
/// 100,000 idle clients is one list node. Resolution: `resolution`; a timer
/// fires at or after its time, never before. Used by one thread.
class timer_wheel {
public:
  static constexpr std::chrono::milliseconds resolution{16};

  explicit timer_wheel(mqtt::time_point start) noexcept;

  /// Schedules or re-schedules `item`. A time that is past already fires at
  /// the next `advance`, not within the one that is running, so that a timer
  /// which always schedules itself for "now" starves nobody.
  void schedule(timer& item, mqtt::time_point when) noexcept;

  /// Calls every timer that is due, in the order of their ticks. When one
  /// throws, the exception leaves `advance` and the rest stays due.
  void advance(mqtt::time_point now);

  /// The earliest time `advance` could have work; nullopt: no timers. May be
  /// earlier than the earliest timer (a slot of a higher level is unpacked),
  /// never later.
  [[nodiscard]] std::optional<mqtt::time_point> next() const noexcept;

private:
  static constexpr unsigned slot_bits = 6;
  static constexpr unsigned slots = 1U << slot_bits;
  static constexpr unsigned levels = 5;
  static constexpr std::uint64_t never = ~std::uint64_t{0};

  void place(timer& item) noexcept;
  void unpack(intrusive_list<timer>& slot) noexcept;
  void enter(std::uint64_t tick) noexcept;
  void fire(intrusive_list<timer>& slot, mqtt::time_point now);
  [[nodiscard]] std::uint64_t next_tick() const noexcept;

  mqtt::time_point start_;
  std::uint64_t now_ = 0; // ticks since start_
  intrusive_list<timer> overdue_;
  std::array<std::array<intrusive_list<timer>, slots>, levels> wheel_;
  intrusive_list<timer> beyond_; // more than 2^30 ticks (198 days) ahead

  // Bit s of occupied_[l]: slot s of level l may hold timers. Cancelling does
  // not clear it; whoever finds the slot empty does.
  mutable std::array<std::uint64_t, levels> occupied_{};
};

} // namespace hetzel::runtime
