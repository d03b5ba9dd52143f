#include "actors/messaging/index/share_subscribers.hpp"

#include <utility>

namespace hetzel::messaging {

share_subscribers::share_subscribers(
  std::shared_ptr<const share_identity> identity)
  : identity_(std::move(identity)) {}

bool share_subscribers::insert(const subscription& added) {
  snapshot_.reset();
  return members_.insert(added);
}

bool share_subscribers::erase(queue_id queue) {
  snapshot_.reset();
  return members_.erase(queue);
}

shared_target share_subscribers::target() const {
  std::lock_guard guard{snapshot_mutex_};
  if (!snapshot_)
    snapshot_ = std::make_shared<const share_members>(members_.items());
  return {identity_, snapshot_};
}

std::size_t share_subscribers::memory_bytes() const noexcept {
  // The snapshot, which comes and goes with the readers, is estimated.
  return sizeof *this + members_.memory_bytes() * 2;
}

} // namespace hetzel::messaging
