#pragma once

#include "protocol/session/inbound_flow.hpp"
#include "protocol/session/outbound_flow.hpp"

namespace hetzel::mqtt {

/// The part of a Session that outlives its connection (MQTT 5, 4.1): what was
/// sent and not acknowledged, and what was received and not released. Owned by
/// the queue; lent to the `session` while one is attached.
struct session_state {
  outbound_flow outbound;
  inbound_flow inbound;
};

} // namespace hetzel::mqtt
