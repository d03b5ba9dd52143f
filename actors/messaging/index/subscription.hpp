#pragma once

#include "actors/messaging/index/queue_id.hpp"
#include "protocol/packet.hpp"

#include <cstdint>

namespace hetzel::messaging {

/// Who subscribed, and how. The filter is where it is kept: the key of the
/// index. A million of these are held, so the size matters.
struct subscription {
  queue_id queue;
  mqtt::subscription_options options;
  /// Subscription Identifier; zero: none.
  std::uint32_t subscription_id = 0;

  bool operator==(const subscription&) const = default;
};

static_assert(sizeof(subscription) == 16);

} // namespace hetzel::messaging
