#pragma once

#include "protocol/message.hpp"

#include <cstdint>
#include <memory>
#include <vector>

namespace hetzel::mqtt {

/// The Subscription Identifiers of all subscriptions that matched; null when
/// there is none. Shared by all deliveries of one match.
using subscription_ids = std::shared_ptr<const std::vector<std::uint32_t>>;

/// Names a share group ($share/{group}/{filter}); zero: not a shared delivery.
using share_id = std::uint32_t;

/// A message on its way to one subscriber.
struct delivery {
  message_ptr message;
  subscription_ids ids;
  share_id share = 0;
  /// min(publisher's, subscription's), or the latter with
  /// `upgrade_outgoing_qos`.
  qos quality{};
  /// The RETAIN flag to send.
  bool retain = false;
};

} // namespace hetzel::mqtt
