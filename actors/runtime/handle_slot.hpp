#pragma once

#include <mutex>
#include <utility>

namespace hetzel::runtime {

/// The current handle of an actor that its supervisor may replace. From any
/// thread; senders fetch it for every message.
template <class Handle>
class handle_slot {
public:
  [[nodiscard]] Handle get() const {
    const std::lock_guard guard{mutex_};
    return handle_;
  }

  void set(Handle handle) {
    const std::lock_guard guard{mutex_};
    std::swap(handle_, handle);
  }

private:
  mutable std::mutex mutex_;
  Handle handle_;
};

} // namespace hetzel::runtime
