#pragma once

#include <caf/actor_control_block.hpp>

#include <chrono>
#include <condition_variable>
#include <mutex>
#include <utility>
#include <vector>

namespace hetzel::messaging {

/// Keeps actors alive whose parent died, until its successor adopts them: an
/// actor that nobody refers to ends. From any thread.
class orphans {
public:
  using handles = std::vector<caf::strong_actor_ptr>;

  /// A parent is there, until it leaves.
  void add_parent() {
    const std::lock_guard guard{mutex_};
    ++parents_;
  }

  void leave(handles children) {
    const std::lock_guard guard{mutex_};
    for (auto& one : children)
      handles_.push_back(std::move(one));
    --parents_;
    // Within the lock: who waits may destroy this right after.
    changed_.notify_all();
  }

  [[nodiscard]] handles take() {
    const std::lock_guard guard{mutex_};
    return std::exchange(handles_, {});
  }

  /// What is left once no parent is there any more, or after `time`.
  [[nodiscard]] handles take_last(std::chrono::milliseconds time) {
    std::unique_lock guard{mutex_};
    changed_.wait_for(guard, time, [this] { return parents_ == 0; });
    return std::exchange(handles_, {});
  }

private:
  std::mutex mutex_;
  std::condition_variable changed_;
  int parents_ = 0;
  handles handles_;
};

} // namespace hetzel::messaging
