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
  /// It was sent before, in a former life of the server: goes out with DUP.
  bool dup = false;
  /// The number of its record among those of its queue; zero: it has none. The
  /// Packet Identifier follows from it, so that a restarted server sends it
  /// with the same one.
  std::uint64_t stored = 0;
};

} // namespace hetzel::mqtt
