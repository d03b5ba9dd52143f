#pragma once

#include "protocol/packet.hpp"

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <optional>

/// Session Expiry Interval (MQTT 5, 3.1.2.11.2): on the wire a number of
/// seconds whose largest value says "never"; inside, nullopt says so.

namespace hetzel::mqtt {

inline constexpr std::uint32_t session_expiry_never = 0xFFFF'FFFF;

/// What CONNECT asks for; absent, it is zero.
[[nodiscard]] inline std::uint32_t
requested_session_expiry(const connect& packet) noexcept {
  return packet.properties.integer(property_id::session_expiry_interval)
    .value_or(0);
}

[[nodiscard]] constexpr std::optional<std::chrono::seconds>
decode_session_expiry(std::uint32_t coded) noexcept {
  if (coded == session_expiry_never)
    return std::nullopt;
  return std::chrono::seconds{coded};
}

[[nodiscard]] constexpr std::uint32_t
encode_session_expiry(std::optional<std::chrono::seconds> interval) noexcept {
  if (!interval || interval->count() >= session_expiry_never)
    return session_expiry_never;
  return static_cast<std::uint32_t>(interval->count());
}

/// The lower of both; nullopt is the highest.
[[nodiscard]] constexpr std::optional<std::chrono::seconds>
cap_session_expiry(std::optional<std::chrono::seconds> asked,
                   std::optional<std::chrono::seconds> cap) noexcept {
  if (!asked || !cap)
    return asked ? asked : cap;
  return std::min(*asked, *cap);
}

} // namespace hetzel::mqtt
