#pragma once

#include <algorithm>
#include <chrono>
#include <condition_variable>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

namespace hetzel::test {

/// What happened, in order, from any thread; a test waits for entries instead
/// of sleeping.
class event_log {
public:
  void add(std::string event) {
    const std::lock_guard guard{mutex_};
    events_.push_back(std::move(event));
    // Within the lock: whoever waits may destroy the log right after.
    changed_.notify_all();
  }

  /// Waits until `event` was added `times` times; false: it took too long.
  bool wait_for(const std::string& event, std::ptrdiff_t times = 1) {
    std::unique_lock guard{mutex_};
    return changed_.wait_for(guard, std::chrono::seconds{30}, [&] {
      return std::count(events_.begin(), events_.end(), event) >= times;
    });
  }

  /// All so far, blank-separated.
  [[nodiscard]] std::string text() const {
    const std::lock_guard guard{mutex_};
    std::string result;
    for (const auto& event : events_)
      result += (result.empty() ? "" : " ") + event;
    return result;
  }

  void clear() {
    const std::lock_guard guard{mutex_};
    events_.clear();
  }

private:
  mutable std::mutex mutex_;
  std::condition_variable changed_;
  std::vector<std::string> events_;
};

} // namespace hetzel::test
