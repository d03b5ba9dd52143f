#pragma once

#include "cluster/swc/dot.hpp"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <map>
#include <vector>

namespace hetzel::cluster {

/// Questions of other members whether a target is alive, until something is
/// heard from it. What was heard before the question is no answer.
class probe_relay {
public:
  using duration = std::chrono::milliseconds;

  /// Most open questions; more are dropped, as the network might.
  static constexpr std::size_t size_max = 1024;

  struct request {
    store_id from{};
    std::uint64_t number = 0;
    /// On the clock of the caller.
    duration at{0};
  };

  /// Questions are forgotten after this.
  explicit probe_relay(duration patience) noexcept : patience_(patience) {}

  /// Whether it was taken, and the target is to be asked.
  bool add(store_id target, request open);
  /// The target is alive: whom to tell.
  [[nodiscard]] std::vector<request> take(store_id target);
  void expire(duration now);

private:
  duration patience_;
  std::size_t size_ = 0;
  std::map<store_id, std::vector<request>> open_;
};

} // namespace hetzel::cluster
