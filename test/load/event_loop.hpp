#pragma once

#include "test/load/histogram.hpp"

#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <span>
#include <thread>
#include <vector>

namespace hetzel::test::load {

using steady_time = std::chrono::steady_clock::time_point;

[[nodiscard]] inline std::uint64_t nanoseconds_of(steady_time time) noexcept {
  return static_cast<std::uint64_t>(
    std::chrono::nanoseconds{time.time_since_epoch()}.count());
}

/// Something with a file descriptor, called when that is ready.
class event_source {
public:
  /// `events` are those of epoll.
  virtual void on_event(std::uint32_t events) = 0;

protected:
  ~event_source() = default;
};

/// Work put off to the end of a tick, so that it is done once per batch.
class tick_task {
public:
  virtual ~tick_task() = default;
  virtual void on_tick_end() = 0;

private:
  friend class event_loop;
  bool is_deferred_ = false;
};

/// What the thread of one loop counts; read by others while it runs.
struct alignas(64) loop_counters {
  std::atomic<std::uint64_t> sent{0};
  /// Messages that came as the first of their number, and those known lost.
  std::atomic<std::uint64_t> received{0};
  std::atomic<std::uint64_t> acknowledged{0};
  /// Connections that ended though nobody closed them.
  std::atomic<std::uint64_t> failures{0};

  /// For the one thread that writes.
  static void add(std::atomic<std::uint64_t>& counter,
                  std::uint64_t count) noexcept {
    counter.store(counter.load(std::memory_order_relaxed) + count,
                  std::memory_order_relaxed);
  }
};

/// One thread with an epoll set. A tick: wait, serve what is ready, take
/// posted work, then run the deferred tasks in the order they were deferred.
/// Unless said otherwise, members are for the loop's own thread, or for any
/// one thread before `start` and after `stop`.
class event_loop {
public:
  event_loop(unsigned index, std::size_t read_buffer_bytes);
  event_loop(const event_loop&) = delete;
  event_loop& operator=(const event_loop&) = delete;
  ~event_loop();

  void start();

  /// Ends and joins the thread. Idempotent. Not from the loop's own thread.
  void stop();

  /// Runs `work` in the loop. From any thread.
  void post(std::function<void()> work);

  /// Runs `work` in the loop and waits for it. From any other thread.
  void call(std::function<void()> work);

  /// Makes the loop tick, and call `on_wake`. From any thread.
  void wake() noexcept;

  void watch(int descriptor, event_source& source, std::uint32_t events);
  void change(int descriptor, event_source& source, std::uint32_t events);

  /// Runs `task` once at the end of this tick, or of the next when called
  /// between ticks.
  void defer(tick_task& task);

  /// Called each tick before the deferred tasks; says when it wants to be
  /// called next.
  using pacer = std::function<steady_time(steady_time now)>;
  void set_pacer(pacer paced) { pacer_ = std::move(paced); }

  /// Called when another thread woke this loop.
  void set_on_wake(std::function<void()> work) { on_wake_ = std::move(work); }

  [[nodiscard]] std::span<char> read_buffer() noexcept { return buffer_; }

  [[nodiscard]] unsigned index() const noexcept { return index_; }

  /// From any thread.
  [[nodiscard]] loop_counters& counters() noexcept { return counters_; }

  /// Latencies that this thread's subscribers measured.
  [[nodiscard]] histogram& latencies() noexcept { return *latencies_; }

  /// From when a message was sent, or was due, to its acknowledgement, as this
  /// thread's publishers measured it.
  [[nodiscard]] histogram& ack_latencies() noexcept { return *ack_latencies_; }

private:
  void run();
  void wait();
  void take_posted();
  void run_deferred();

  unsigned index_;
  int epoll_;
  int wake_;
  std::vector<char> buffer_;
  std::vector<tick_task*> deferred_;
  pacer pacer_;
  steady_time paced_at_ = steady_time::max();
  std::function<void()> on_wake_;
  loop_counters counters_;
  std::unique_ptr<histogram> latencies_ = std::make_unique<histogram>();
  std::unique_ptr<histogram> ack_latencies_ = std::make_unique<histogram>();

  std::atomic<bool> is_woken_{false};
  std::atomic<bool> is_stopping_{false};
  std::mutex posted_mutex_;
  std::vector<std::function<void()>> posted_;
  std::thread thread_;
};

} // namespace hetzel::test::load
