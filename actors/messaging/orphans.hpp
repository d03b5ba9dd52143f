#pragma once

#include <caf/actor_control_block.hpp>

#include <mutex>
#include <utility>
#include <vector>

namespace hetzel::messaging {

/// Keeps actors alive whose parent died, until its successor adopts them: an
/// actor that nobody refers to ends. From any thread.
class orphans {
public:
  using handles = std::vector<caf::strong_actor_ptr>;

  void add(handles left) {
    const std::lock_guard guard{mutex_};
    for (auto& one : left)
      handles_.push_back(std::move(one));
  }

  [[nodiscard]] handles take() {
    const std::lock_guard guard{mutex_};
    return std::exchange(handles_, {});
  }

private:
  std::mutex mutex_;
  handles handles_;
};

} // namespace hetzel::messaging
