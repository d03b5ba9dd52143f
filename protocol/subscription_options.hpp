#pragma once

#include "protocol/packet.hpp"

#include <cstdint>
#include <optional>

namespace hetzel::mqtt {

/// The Subscription Options of 5.0 in their one byte (MQTT 5, 3.8.3.1).
[[nodiscard]] constexpr std::uint8_t
options_byte(const subscription_options& options) noexcept {
  return static_cast<std::uint8_t>(
    static_cast<unsigned>(options.quality) | (options.no_local ? 0x04U : 0U)
    | (options.retain_as_published ? 0x08U : 0U)
    | static_cast<unsigned>(options.handling) << 4U);
}

/// nullopt: QoS or Retain Handling is 3, which does not exist. The reserved
/// bits are not looked at.
[[nodiscard]] constexpr std::optional<subscription_options>
options_of(unsigned bits) noexcept {
  const auto level = bits & 0x03U;
  const auto handling = (bits >> 4U) & 0x03U;
  if (level == 3 || handling == 3)
    return std::nullopt;
  return subscription_options{static_cast<qos>(level), (bits & 0x04U) != 0,
                              (bits & 0x08U) != 0,
                              static_cast<retain_handling>(handling)};
}

} // namespace hetzel::mqtt
