#pragma once

#include "actors/messaging/index/subscription.hpp"

#include <memory>
#include <string>
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

/// Changes of one subscriber, in order; all for the same shard once they are
/// on their way.
struct subscription_changes {
  std::string mountpoint;
  std::vector<subscription_change> changes;
};

using subscription_changes_ptr = std::shared_ptr<const subscription_changes>;

} // namespace hetzel::messaging
