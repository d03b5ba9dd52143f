#pragma once

#include "actors/runtime/compaction.hpp"
#include "actors/runtime/log.hpp"
#include "actors/runtime/poller.hpp"
#include "actors/runtime/reactor.hpp"
#include "actors/runtime/reactor_inbox.hpp"
#include "actors/runtime/ready_queue.hpp"

#include <atomic>
#include <condition_variable>
#include <exception>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

namespace hetzel::runtime {

/// Written by one thread, read by any: no read-modify-write is needed.
class tally {
public:
  void add(std::uint64_t count) noexcept {
    value_.store(value_.load(std::memory_order_relaxed) + count,
                 std::memory_order_relaxed);
  }

  [[nodiscard]] std::uint64_t get() const noexcept {
    return value_.load(std::memory_order_relaxed);
  }

private:
  std::atomic<std::uint64_t> value_ = 0;
};

/// What a reactor's own thread waits at while another runs it.
class return_signal {
public:
  void give() {
    const std::lock_guard guard{mutex_};
    is_given_ = true;
    changed_.notify_one();
  }

  void await() {
    std::unique_lock guard{mutex_};
    changed_.wait(guard, [this] { return is_given_; });
    is_given_ = false;
  }

private:
  std::mutex mutex_;
  std::condition_variable changed_;
  bool is_given_ = false;
};

/// What stands behind a reactor's header. Private to reactor*.cpp.
struct reactor::implementation final : io_handler {
  implementation(reactor_options chosen, reactor_index index, time_point now)
    : options(chosen),
      thread_name("hetzel-r" + std::to_string(index)),
      meter(chosen.compaction, now),
      lending(chosen.compaction) {}

  /// As a guest's: its poller has something.
  void on_ready(readiness) override { is_io_ready = true; }

  /// Ends the wait of the thread that runs the reactor.
  void wake() noexcept {
    wakeups_sent.fetch_add(1, std::memory_order_relaxed);
    waker.load(std::memory_order_acquire)->interrupt();
    inbox.woken();
  }

  poller io;
  reactor_options options;
  std::string thread_name;
  ready_queue ready;
  reactor_inbox inbox;
  reactor_inbox::content taken;
  intrusive_list<resident> residents;
  std::thread thread;
  std::atomic<bool> is_stopping = false;
  /// That of the reactor whose thread runs this one.
  std::atomic<poller*> waker = &io;

  // -- compaction: see reactor_guests.cpp ------------------------------------

  load_meter meter;
  lending_rule lending;
  /// Of the own thread; read by those that think of lending.
  std::atomic<double> share = 0;
  reactor* lead = nullptr; ///< null: never lent
  std::vector<reactor*> guests;
  return_signal returned;
  bool is_io_ready = false; ///< as a guest

  tally ticks;
  tally waits;
  tally actors_resumed;
  tally flushes;
  tally failures;
  tally lendings;
  std::atomic<std::uint64_t> wakeups_sent = 0;
};

template <class Body>
void reactor::guarded(const char* where, Body&& body) noexcept {
  try {
    body();
  } catch (const std::exception& error) {
    impl_->failures.add(1);
    log::error("reactor.failed", {{"reactor", index_},
                                  {"where", where},
                                  {"error", error.what()}});
  } catch (...) {
    impl_->failures.add(1);
    log::error("reactor.failed",
               {{"reactor", index_}, {"where", where}, {"error", "unknown"}});
  }
}

} // namespace hetzel::runtime
