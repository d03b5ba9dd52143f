#include "actors/runtime/timer_wheel.hpp"

#include <algorithm>
#include <bit>

namespace hetzel::runtime {

namespace {

/// When a handler throws, the timers behind it stay due.
struct give_back {
  intrusive_list<timer>& from;
  intrusive_list<timer>& rest;

  ~give_back() { rest.splice_back(from); }
};

} // namespace

timer_wheel::timer_wheel(mqtt::time_point start) noexcept : start_(start) {}

void timer_wheel::schedule(timer& item, mqtt::time_point when) noexcept {
  item.cancel();
  if (when <= start_) {
    item.due_ = 0;
  } else {
    // Rounded up: a timer never fires before its time.
    const auto ahead = when - start_;
    const auto ticks = ahead / resolution;
    const bool is_exact = ahead % resolution == mqtt::duration::zero();
    item.due_ = static_cast<std::uint64_t>(ticks) + (is_exact ? 0 : 1);
  }
  place(item);
}

// A timer stands on the level of the highest base-64 digit in which its tick
// differs from now, in the slot of that digit. So within a level all occupied
// slots lie ahead of now's digit: there is no wrap to care about.
void timer_wheel::place(timer& item) noexcept {
  if (item.due_ <= now_) {
    overdue_.push_back(item);
    return;
  }
  const auto highest_bit = static_cast<unsigned>(
    std::bit_width(item.due_ ^ now_) - 1);
  const unsigned level = highest_bit / slot_bits;
  if (level >= levels) {
    beyond_.push_back(item);
    return;
  }
  const auto slot = (item.due_ >> (level * slot_bits)) % slots;
  wheel_[level][slot].push_back(item);
  occupied_[level] |= std::uint64_t{1} << slot;
}

void timer_wheel::unpack(intrusive_list<timer>& slot) noexcept {
  intrusive_list<timer> items;
  items.splice_back(slot);
  while (timer* item = items.pop_front())
    place(*item);
}

// Moves now to `tick`, which must not lie beyond `next_tick()`.
void timer_wheel::enter(std::uint64_t tick) noexcept {
  now_ = tick;
  if (tick % (std::uint64_t{1} << (levels * slot_bits)) == 0)
    unpack(beyond_);
  for (unsigned level = levels - 1; level > 0; --level) {
    const unsigned shift = level * slot_bits;
    if (tick % (std::uint64_t{1} << shift) == 0)
      unpack(wheel_[level][(tick >> shift) % slots]);
  }
}

void timer_wheel::fire(intrusive_list<timer>& slot, mqtt::time_point now) {
  intrusive_list<timer> items;
  give_back guard{items, overdue_};
  items.splice_back(slot);
  while (timer* item = items.pop_front())
    item->on_timeout(now);
}

void timer_wheel::advance(mqtt::time_point now) {
  if (now < start_)
    return;
  const auto target = static_cast<std::uint64_t>((now - start_) / resolution);
  fire(overdue_, now);
  for (;;) {
    const std::uint64_t tick = next_tick();
    if (tick > target)
      break;
    // What handlers found overdue while this runs has to wait; what unpacking
    // finds due right now lands in the same list and has not.
    intrusive_list<timer> waiting;
    waiting.splice_back(overdue_);
    enter(tick);
    overdue_.splice_back(wheel_[0][tick % slots]);
    intrusive_list<timer> due;
    due.splice_back(overdue_);
    overdue_.splice_back(waiting);
    fire(due, now);
  }
  now_ = std::max(now_, target);
}

std::uint64_t timer_wheel::next_tick() const noexcept {
  for (unsigned level = 0; level < levels; ++level) {
    const unsigned shift = level * slot_bits;
    const auto digit = (now_ >> shift) % slots;
    // Two shifts: one by 64 would be undefined.
    auto ahead = occupied_[level] & (~std::uint64_t{0} << digit << 1);
    for (; ahead != 0; ahead &= ahead - 1) {
      const auto slot = static_cast<unsigned>(std::countr_zero(ahead));
      if (!wheel_[level][slot].empty())
        return (now_ >> shift >> slot_bits << slot_bits | slot) << shift;
      occupied_[level] &= ~(std::uint64_t{1} << slot);
    }
  }
  if (beyond_.empty())
    return never;
  constexpr unsigned shift = levels * slot_bits;
  return ((now_ >> shift) + 1) << shift;
}

std::optional<mqtt::time_point> timer_wheel::next() const noexcept {
  if (!overdue_.empty())
    return start_ + now_ * resolution;
  const std::uint64_t tick = next_tick();
  if (tick == never)
    return std::nullopt;
  return start_ + tick * resolution;
}

} // namespace hetzel::runtime
