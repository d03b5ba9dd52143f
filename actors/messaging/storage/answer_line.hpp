#pragma once

#include "protocol/basic_types.hpp"
#include "protocol/reason_code.hpp"

#include <cstddef>
#include <cstdint>
#include <vector>

namespace hetzel::messaging {

/// The PUBACK and PUBREC that a connection owes, in the order of the PUBLISH
/// packets, which is the order they must leave in [MQTT-4.6.0-2]
/// [MQTT-4.6.0-3]. One whose message is being stored holds up those behind it,
/// not the PUBLISH packets. As long as Receive Maximum allows. Empty, it owns
/// no memory.
class answer_line {
public:
  struct answer {
    mqtt::packet_id id = 0;
    mqtt::qos quality{};
    mqtt::reason_code code{};
    /// What must happen before it may leave.
    std::uint8_t awaits = 0;
  };

  [[nodiscard]] bool empty() const noexcept { return head_ == items_.size(); }

  /// The number that the next `add` gets.
  [[nodiscard]] std::uint32_t next_number() const noexcept {
    return first_ + static_cast<std::uint32_t>(items_.size() - head_);
  }

  void add(const answer& what) { items_.push_back(what); }

  /// The one of that number; null when it has left. Valid until `add`.
  [[nodiscard]] answer* find(std::uint32_t number) noexcept {
    const std::size_t position = number - first_;
    return position < items_.size() - head_ ? &items_[head_ + position]
                                            : nullptr;
  }

  /// Calls `send(answer)` for those at the front that await nothing. It may
  /// add.
  template <class Send>
  void release(Send&& send) {
    while (!empty() && items_[head_].awaits == 0) {
      const auto ready = items_[head_++];
      ++first_;
      send(ready);
    }
    compact();
  }

private:
  void compact() {
    if (empty()) {
      std::vector<answer>{}.swap(items_);
      head_ = 0;
    } else if (head_ >= 64 && head_ >= items_.size() / 2) {
      items_.erase(items_.begin(),
                   items_.begin() + static_cast<std::ptrdiff_t>(head_));
      head_ = 0;
    }
  }

  std::vector<answer> items_;
  std::size_t head_ = 0;
  std::uint32_t first_ = 0; ///< the number of the one at the front
};

} // namespace hetzel::messaging
