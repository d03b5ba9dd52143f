#pragma once

#include "protocol/packet.hpp"
#include "protocol/reason_code.hpp"

namespace hetzel::mqtt {

/// Whether MQTT 5 lists `code` for packets of that type (2.4). False for
/// every code that has no name, and for packets that carry none.
[[nodiscard]] bool is_allowed_in(packet_type type, reason_code code) noexcept;

} // namespace hetzel::mqtt
