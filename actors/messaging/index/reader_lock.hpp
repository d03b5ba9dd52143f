#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <mutex>

namespace hetzel::messaging {

/// Number of a thread that reads; a reactor's is its index.
using reader_index = std::uint32_t;

/// A reader-writer lock for many short reads and few short writes: each reader
/// announces itself in a cache line of its own, so readers cost each other
/// nothing; a writer visits all lines. Writers go before readers.
///
/// One reader_index must not be used by two threads at a time, and a reader
/// must not lock twice.
class reader_lock {
public:
  explicit reader_lock(std::size_t readers);

  void lock_read(reader_index reader) noexcept {
    auto& reading = lines_[reader].reading;
    // Sequentially consistent, as is the writer's half: of a reader and a
    // writer that come at the same time at least one sees the other.
    reading.store(1, std::memory_order_seq_cst);
    if (writing_.load(std::memory_order_seq_cst) != 0)
      wait_for_writer(reading);
  }

  void unlock_read(reader_index reader) noexcept {
    lines_[reader].reading.store(0, std::memory_order_release);
  }

  void lock_write();
  void unlock_write() noexcept;

private:
  struct alignas(64) reader_line {
    std::atomic<std::uint32_t> reading{0};
  };

  void wait_for_writer(std::atomic<std::uint32_t>& reading) noexcept;

  std::size_t readers_;
  std::unique_ptr<reader_line[]> lines_;
  alignas(64) std::atomic<std::uint32_t> writing_{0};
  std::mutex writers_;
};

/// Holds a reader_lock for reading.
class read_guard {
public:
  read_guard(reader_lock& lock, reader_index reader) noexcept
    : lock_(lock), reader_(reader) {
    lock_.lock_read(reader_);
  }
  ~read_guard() { lock_.unlock_read(reader_); }
  read_guard(const read_guard&) = delete;
  read_guard& operator=(const read_guard&) = delete;

private:
  reader_lock& lock_;
  reader_index reader_;
};

} // namespace hetzel::messaging
