#pragma once

#include "test/load/event_loop.hpp"

#include <atomic>
#include <cstdint>
#include <vector>

namespace hetzel::test::load {

class publisher;

/// How far the messages of one publisher have come with those of its
/// subscribers that live in one loop. All but `reached` is for that loop.
class delivery_progress final : public tick_task {
public:
  /// `subscribers`: how many must have a message for it to count; zero for a
  /// share group, where any one does. `window`: how many messages may be
  /// under way.
  delivery_progress(event_loop& loop, publisher& source,
                    std::uint32_t subscribers, std::uint32_t window);

  /// One subscriber got, or will never get, this message.
  void on_arrival(std::uint32_t sequence) {
    if (subscribers_ == 0) {
      ++complete_;
      loop_.defer(*this);
      return;
    }
    if (++arrived_[sequence & mask_] == subscribers_)
      on_complete();
  }

  /// All messages below this number (in a share group: so many messages) are
  /// where they should be. From any thread.
  [[nodiscard]] std::uint32_t reached() const noexcept {
    return reached_.load(std::memory_order_acquire);
  }

  void on_tick_end() override;

private:
  void on_complete();

  event_loop& loop_;
  publisher& source_;
  std::uint32_t subscribers_;
  std::uint32_t mask_;
  std::vector<std::uint32_t> arrived_;
  std::uint32_t complete_ = 0;
  std::atomic<std::uint32_t> reached_{0};
};

} // namespace hetzel::test::load
