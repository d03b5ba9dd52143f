#pragma once

#include "protocol/packet.hpp"

#include <cstdint>
#include <string>
#include <vector>

namespace hetzel::messaging {

/// An answer to SUBSCRIBE or UNSUBSCRIBE that waits for the index. `codes` has
/// one code per filter; the other lists are parallel to it and empty for
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
};

} // namespace hetzel::messaging
