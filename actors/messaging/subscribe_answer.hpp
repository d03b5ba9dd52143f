#pragma once

#include "actors/messaging/subscription_list.hpp"
#include "protocol/packet.hpp"

#include <cstdint>
#include <string>
#include <vector>

namespace hetzel::messaging {

/// An answer to SUBSCRIBE or UNSUBSCRIBE that waits for the index. `codes` has
/// one code per filter; the lists behind it are parallel to it and empty for
/// UNSUBSCRIBE.
struct subscribe_answer {
  /// Tells it apart from one that a former session waited for.
  std::uint32_t ticket = 0;
  mqtt::packet_id id = 0;
  bool is_unsubscribe = false;
  std::uint32_t subscription_id = 0;
  std::vector<mqtt::reason_code> codes;
  std::vector<std::string> filters;
  std::vector<mqtt::subscription_options> options;
  std::vector<bool> is_new;
  /// What the packet replaced or took away, in case that cannot be stored.
  std::vector<subscription_list::entry> former;
  /// The session that waited for it has ended.
  bool is_abandoned = false;
};

} // namespace hetzel::messaging
