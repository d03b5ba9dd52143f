#pragma once

#include "protocol/delivery.hpp"

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace hetzel::messaging {

/// A question to a retained shard. `walk` names one that goes on; zero: a new
/// one. The shard answers with at most `limit` messages.
struct retained_request {
  std::uint32_t shard = 0;
  std::string mountpoint;
  std::string topic_filter;
  std::uint64_t walk = 0;
  std::uint32_t limit = 0;
  /// Numbers the requests of one feed, so that a late answer is told apart.
  std::uint32_t round = 0;
};

struct retained_reply {
  std::vector<mqtt::message_ptr> messages;
  /// To go on with; zero: that shard has no more.
  std::uint64_t walk = 0;
};

/// What topics have by what the metadata says; without payload: nothing.
struct retained_changes {
  std::vector<mqtt::message_ptr> messages;
};

using retained_request_ptr = std::shared_ptr<const retained_request>;
using retained_reply_ptr = std::shared_ptr<const retained_reply>;

/// Which retained messages a subscriber is still to get for its new
/// subscriptions. One request is under way at a time, and the next is made
/// when the queue has room, so that retained messages never overflow it.
class retained_feed {
public:
  /// What the new subscription makes of each message.
  struct grant {
    std::string topic_filter;
    mqtt::qos quality{};
    mqtt::subscription_ids ids;
  };

  /// The shards `first` … `last` may have matching messages.
  void add(grant subscription, std::uint32_t first, std::uint32_t last);

  /// Something is to be fetched and nothing is under way.
  [[nodiscard]] bool is_ready() const noexcept {
    return !tasks_.empty() && !under_way_;
  }

  /// Precondition: `is_ready()`.
  [[nodiscard]] retained_request next(mqtt::bytes_view mountpoint);

  /// What the answer to that round was asked for; null when nobody waits for it
  /// any more.
  [[nodiscard]] const grant* current(std::uint32_t round) const noexcept;

  /// Call after the messages of the answer were taken, with the walk that it
  /// names; zero also gives up a shard that does not answer.
  void advance(std::uint64_t walk);

  /// Forgets everything; what must be cancelled at a shard is returned.
  [[nodiscard]] std::optional<retained_request> clear();

private:
  struct task {
    grant subscription;
    std::uint32_t shard;
    std::uint32_t last;
    std::uint64_t walk = 0;
  };

  // A vector: a deque of the standard library's costs an idle queue 576 bytes.
  std::vector<task> tasks_;
  std::uint32_t round_ = 0;
  bool under_way_ = false;
};

} // namespace hetzel::messaging
