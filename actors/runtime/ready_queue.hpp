#pragma once

#include <caf/fwd.hpp>

#include <cstddef>
#include <utility>
#include <vector>

namespace hetzel::runtime {

/// First in, first out; a ring that grows by doubling and never shrinks (eight
/// bytes for each actor that was ever ready at once).
class ready_queue {
public:
  [[nodiscard]] bool empty() const noexcept { return size_ == 0; }
  [[nodiscard]] std::size_t size() const noexcept { return size_; }

  void push(caf::resumable* job) {
    if (size_ == ring_.size())
      grow();
    ring_[(first_ + size_) & (ring_.size() - 1)] = job;
    ++size_;
  }

  /// Only when not empty.
  caf::resumable* pop() noexcept {
    caf::resumable* job = ring_[first_];
    first_ = (first_ + 1) & (ring_.size() - 1);
    --size_;
    return job;
  }

private:
  void grow() {
    std::vector<caf::resumable*> larger(ring_.size() * 2);
    for (std::size_t i = 0; i < size_; ++i)
      larger[i] = ring_[(first_ + i) & (ring_.size() - 1)];
    ring_ = std::move(larger);
    first_ = 0;
  }

  std::vector<caf::resumable*> ring_ = std::vector<caf::resumable*>(64);
  std::size_t first_ = 0;
  std::size_t size_ = 0;
};

} // namespace hetzel::runtime
