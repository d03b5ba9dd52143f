#pragma once

#include "actors/messaging/index/subscription.hpp"

#include <boost/unordered/unordered_flat_map.hpp>

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <vector>

namespace hetzel::messaging {

/// Subscriptions side by side, one per queue. From 64 on, a hash table knows
/// their positions; below, looking through them is faster.
class subscriber_array {
public:
  /// True when that queue had none yet, false when it was replaced.
  bool insert(const subscription& added);

  /// The last one takes the place of the erased one.
  bool erase(queue_id queue);

  [[nodiscard]] const std::vector<subscription>& items() const noexcept {
    return items_;
  }

  [[nodiscard]] std::size_t memory_bytes() const noexcept;

private:
  using position_map
    = boost::unordered_flat_map<queue_id, std::uint32_t, std::hash<queue_id>>;

  [[nodiscard]] std::size_t find(queue_id queue) const;
  void index_all();

  std::vector<subscription> items_;
  std::unique_ptr<position_map> positions_;
};

} // namespace hetzel::messaging
