#pragma once

#include "actors/messaging/subscription_change.hpp"

#include <vector>

namespace hetzel::messaging {

/// The subscriptions of one reactor's queues that belong to one shard: what a
/// shard that lost its index is rebuilt from.
struct shard_contents {
  std::vector<subscription_changes> by_subscriber;
};

} // namespace hetzel::messaging
