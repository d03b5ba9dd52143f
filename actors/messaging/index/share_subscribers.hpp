#pragma once

#include "actors/messaging/index/share_group.hpp"
#include "actors/messaging/index/subscriber_array.hpp"

#include <cstddef>
#include <memory>
#include <mutex>

namespace hetzel::messaging {

/// The members of one share group as its shard changes them.
class share_subscribers {
public:
  explicit share_subscribers(std::shared_ptr<const share_identity> identity);

  [[nodiscard]] const share_identity& identity() const noexcept {
    return *identity_;
  }

  bool insert(const subscription& added);
  bool erase(queue_id queue);

  [[nodiscard]] bool empty() const noexcept { return members_.items().empty(); }

  /// The group as it is now. Made by the first reader after a change, so that
  /// a thousand joins do not copy a thousand lists; safe for readers at the
  /// same time.
  [[nodiscard]] shared_target target() const;

  [[nodiscard]] std::size_t memory_bytes() const noexcept;

private:
  std::shared_ptr<const share_identity> identity_;
  subscriber_array members_;
  mutable std::mutex snapshot_mutex_;
  mutable std::shared_ptr<const share_members> snapshot_;
};

} // namespace hetzel::messaging
