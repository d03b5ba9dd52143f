#pragma once

#include <algorithm>
#include <cstddef>
#include <deque>
#include <iterator>
#include <mutex>
#include <utility>
#include <vector>

namespace hetzel::messaging {

/// Batches on their way to an actor. They wait here and not in its mailbox,
/// which would take them along when the actor dies: its successor finds them.
/// Bounded by the credit of the senders. From any thread.
template <class Batch>
class batch_inbox {
public:
  /// True: it was empty, so its owner has to be woken.
  [[nodiscard]] bool put(Batch batch) {
    const std::lock_guard guard{mutex_};
    batches_.push_back(std::move(batch));
    return batches_.size() == 1;
  }

  /// The oldest, at most `count_max`. Nobody wakes the owner for what stays.
  [[nodiscard]] std::vector<Batch> take(std::size_t count_max) {
    const std::lock_guard guard{mutex_};
    const auto count = std::min(count_max, batches_.size());
    const auto end = batches_.begin() + static_cast<std::ptrdiff_t>(count);
    std::vector<Batch> taken{std::make_move_iterator(batches_.begin()),
                             std::make_move_iterator(end)};
    batches_.erase(batches_.begin(), end);
    return taken;
  }

  [[nodiscard]] bool empty() const {
    const std::lock_guard guard{mutex_};
    return batches_.empty();
  }

private:
  mutable std::mutex mutex_;
  std::deque<Batch> batches_;
};

} // namespace hetzel::messaging
