#pragma once

#include <chrono>
#include <cstdint>
#include <string_view>

namespace hetzel::mqtt {

/// The wire level of CONNECT: 3 is MQTT 3.1 ("MQIsdp"), 4 is 3.1.1, 5 is 5.0.
enum class protocol_version : unsigned char { v3_1 = 3, v3_1_1 = 4, v5 = 5 };

enum class qos : unsigned char {
  at_most_once = 0,
  at_least_once = 1,
  exactly_once = 2,
};

/// 1…65535; zero says that the packet carries none.
using packet_id = std::uint16_t;

/// The clock that all rules are given: monotonic, of the caller's choosing.
using time_point = std::chrono::steady_clock::time_point;
using duration = std::chrono::steady_clock::duration;

/// Bytes on the wire. MQTT's strings and binary data are both views of them;
/// a view is valid as long as the buffer it was decoded from.
using bytes_view = std::string_view;

/// Largest Remaining Length that four bytes can say (MQTT 5, 1.5.5).
inline constexpr std::uint32_t remaining_length_max = 268'435'455;

} // namespace hetzel::mqtt
