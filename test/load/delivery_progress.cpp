#include "test/load/delivery_progress.hpp"

#include "test/load/publisher.hpp"

#include <bit>

namespace hetzel::test::load {

delivery_progress::delivery_progress(event_loop& loop, publisher& source,
                                     std::uint32_t subscribers,
                                     std::uint32_t window)
  : loop_(loop),
    source_(source),
    subscribers_(subscribers),
    mask_(std::bit_ceil(window) - 1),
    arrived_(mask_ + 1) {}

void delivery_progress::on_complete() {
  auto* counter = &arrived_[complete_ & mask_];
  while (*counter == subscribers_) {
    *counter = 0;
    counter = &arrived_[++complete_ & mask_];
  }
  loop_.defer(*this);
}

void delivery_progress::on_tick_end() {
  // Once per tick: the publisher may be another thread's.
  reached_.store(complete_, std::memory_order_release);
  source_.on_progress(loop_);
}

} // namespace hetzel::test::load
