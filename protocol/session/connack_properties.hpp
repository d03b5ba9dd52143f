#pragma once

#include "protocol/session/handshake.hpp"
#include "protocol/session/limits.hpp"

#include <string>

namespace hetzel::mqtt {

/// The coded properties of the CONNACK that admits `request` (MQTT 5,
/// 3.2.2.3): what the server assigned or changed, and limits below the
/// protocol's own. Response Information is left out when it alone would make
/// the packet larger than the client takes. Empty for 3.x.
[[nodiscard]] std::string connack_properties(const session_limits& limits,
                                             const connect_request& request);

} // namespace hetzel::mqtt
