#pragma once

#include "protocol/packet.hpp"
#include "protocol/session/handshake.hpp"
#include "protocol/session/limits.hpp"

#include <optional>

/// What a CONNECT may say under given limits, and what the server makes of it.

namespace hetzel::mqtt {

/// Protocol name and level at the front of a CONNECT's body, read without
/// regard to anything that follows.
enum class spoken_protocol : unsigned char {
  unknown, ///< not MQTT, or not enough bytes to tell
  v3,      ///< understands the CONNACK of 3.x
  v5,      ///< understands the CONNACK of 5.0: level 5 and above
};

[[nodiscard]] spoken_protocol sniff_protocol(bytes_view body) noexcept;

/// A rule that a CONNECT breaks; `code` is `success` when it breaks none.
struct connect_fault {
  reason_code code = reason_code::success;
  bytes_view reason;
};

/// Version, client id and will against `limits`.
[[nodiscard]] connect_fault check_connect(const connect& packet,
                                          const session_limits& limits);

/// Fills in what follows from the packet and `limits`: keep alive, session
/// expiry and will delay.
void apply_limits(connect_request& request, const session_limits& limits);

} // namespace hetzel::mqtt
