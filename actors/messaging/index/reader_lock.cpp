#include "actors/messaging/index/reader_lock.hpp"

#include <thread>

namespace hetzel::messaging {

namespace {

/// Longer than a match takes; then the other thread is not running and needs
/// the core.
constexpr int spins_max = 2'000;

inline void pause_core() noexcept {
#if defined(__x86_64__) || defined(__i386__)
  __builtin_ia32_pause();
#endif
}

template <class Predicate>
bool spin_until(Predicate&& holds) noexcept {
  for (int i = 0; i < spins_max; ++i) {
    if (holds())
      return true;
    pause_core();
  }
  return false;
}

} // namespace

reader_lock::reader_lock(std::size_t readers)
  : readers_(readers), lines_(std::make_unique<reader_line[]>(readers)) {}

void reader_lock::lock_write() {
  writers_.lock();
  writing_.store(1, std::memory_order_seq_cst);
  for (std::size_t i = 0; i < readers_; ++i) {
    const auto has_left = [&reading = lines_[i].reading] {
      return reading.load(std::memory_order_seq_cst) == 0;
    };
    while (!spin_until(has_left))
      std::this_thread::yield();
  }
}

void reader_lock::unlock_write() noexcept {
  writing_.store(0, std::memory_order_release);
  writing_.notify_all();
  writers_.unlock();
}

void reader_lock::wait_for_writer(
  std::atomic<std::uint32_t>& reading) noexcept {
  const auto is_free
    = [this] { return writing_.load(std::memory_order_acquire) == 0; };
  do {
    // Step back, or the writer would wait for us.
    reading.store(0, std::memory_order_release);
    if (!spin_until(is_free))
      writing_.wait(1, std::memory_order_acquire);
    reading.store(1, std::memory_order_seq_cst);
  } while (writing_.load(std::memory_order_seq_cst) != 0);
}

} // namespace hetzel::messaging
