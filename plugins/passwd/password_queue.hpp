#pragma once

#include "protocol/basic_types.hpp"

#include <cstddef>
#include <cstdint>
#include <deque>
#include <optional>
#include <vector>

namespace hetzel::plugins {

/// Who waits for a slow hash, and how many are at work: the rules of a bounded
/// pool of workers, without the workers. In the order of asking.
class password_queue {
public:
  using job = std::uint64_t;

  struct limits {
    /// At work at once.
    std::size_t workers = 2;
    /// Waiting; more are refused.
    std::size_t waiting_max = 100;
  };

  explicit password_queue(limits bounds) noexcept : bounds_(bounds) {}

  /// False: there is no room. Behind `deadline` nobody waits for it any more.
  [[nodiscard]] bool submit(job which, mqtt::time_point deadline);

  /// The next one that a worker shall begin with; nullopt: nobody waits, or all
  /// workers are busy. Those whose deadline is over go to `late`.
  [[nodiscard]] std::optional<job> take(mqtt::time_point now,
                                        std::vector<job>& late);

  /// A worker is free again.
  void on_done() noexcept { --busy_; }

  [[nodiscard]] std::size_t waiting() const noexcept {
    return waiting_.size();
  }
  [[nodiscard]] std::size_t busy() const noexcept { return busy_; }

private:
  struct entry {
    job which = 0;
    mqtt::time_point deadline;
  };

  limits bounds_;
  std::deque<entry> waiting_;
  std::size_t busy_ = 0;
};

} // namespace hetzel::plugins
