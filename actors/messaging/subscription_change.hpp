#pragma once

#include "actors/messaging/index/subscription.hpp"
#include "actors/messaging/subscription_list.hpp"

#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace hetzel::messaging {

/// One subscription made, replaced or removed.
struct subscription_change {
  enum class kind : unsigned char { insert, erase };

  kind what{};
  /// As the client wrote it, `$share/{group}/` included.
  std::string topic_filter;
  /// For `erase` only the queue counts.
  subscription subscriber;
};

[[nodiscard]] inline subscription_change
insertion(queue_id of, const subscription_list::entry& entry) {
  return {subscription_change::kind::insert, entry.topic_filter,
          {of, entry.options, entry.subscription_id}};
}

[[nodiscard]] inline subscription_change erasure(queue_id of,
                                                 std::string topic_filter) {
  return {subscription_change::kind::erase, std::move(topic_filter),
          {of, {}, 0}};
}

/// Changes of one subscriber, in order; all for the same shard once they are
/// on their way.
struct subscription_changes {
  std::string mountpoint;
  std::vector<subscription_change> changes;
};

using subscription_changes_ptr = std::shared_ptr<const subscription_changes>;

} // namespace hetzel::messaging
