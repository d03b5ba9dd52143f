#pragma once

#include "actors/messaging/index/topic_hash.hpp"
#include "protocol/basic_types.hpp"

#include <cstdint>
#include <vector>

namespace hetzel::messaging {

/// A topic name taken apart and hashed once for all that look it up. Kept and
/// assigned anew, so that it allocates nothing in the long run. Views what it
/// was assigned.
class topic_key {
public:
  struct level {
    mqtt::bytes_view text;
    std::uint64_t hash;
  };

  void assign(std::uint64_t hash_seed, mqtt::bytes_view mountpoint,
              mqtt::bytes_view topic_name);

  [[nodiscard]] mqtt::bytes_view name() const noexcept { return name_; }
  [[nodiscard]] std::uint64_t name_hash() const noexcept { return name_hash_; }

  [[nodiscard]] const level& mountpoint() const noexcept { return mountpoint_; }

  /// At least one.
  [[nodiscard]] const std::vector<level>& levels() const noexcept {
    return levels_;
  }

  /// What a level named "+" would hash to.
  [[nodiscard]] std::uint64_t plus_hash() const noexcept { return plus_hash_; }

private:
  mqtt::bytes_view name_;
  std::uint64_t name_hash_ = 0;
  level mountpoint_{};
  std::uint64_t plus_hash_ = 0;
  std::vector<level> levels_;
};

} // namespace hetzel::messaging
