#pragma once

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>

namespace hetzel::messaging {

/// How much a node has to carry.
enum class overload_level : unsigned char { none, elevated, high, critical };

inline constexpr std::size_t overload_levels = 4;

/// What a node does to be rid of load; a set is the sum of them.
enum class shedding : unsigned char {
  refuse_connect = 1,  ///< CONNECT gets 0x89, before 5.0 the code 3
  drop_slow_qos_0 = 2, ///< QoS 0 for clients that do not take it at once
  drop_qos_0 = 4,      ///< PUBLISH of QoS 0
  disconnect_slow = 8, ///< the clients with the most that waits for them
};

using shedding_set = std::uint8_t;

/// `overload.…`: what is measured, its limits, and what is done at each level.
/// Of the memory 80, 90 and 97 % of the limit begin a level; of the others
/// once, twice and four times the limit.
struct overload_config {
  /// `overload.interval`: between two measurements. 10 ms…; default 1 s.
  std::chrono::milliseconds interval{1'000};
  /// `overload.hold`: how long less must be measured before a level ends;
  /// default 5 s.
  std::chrono::milliseconds hold{5'000};
  /// `overload.memory_limit`: resident memory of the process; nullopt (off):
  /// it does not count, the default.
  std::optional<std::size_t> memory_max;
  /// `overload.lag_limit`: how long a reactor's message waits for its turn;
  /// nullopt (off): as above; default 500 ms.
  std::optional<std::chrono::milliseconds> lag_max{500};
  /// `overload.store_limit`: the same of a message store's writer; default
  /// 2 s.
  std::optional<std::chrono::milliseconds> store_lag_max{2'000};
  /// `overload.mailbox_limit`: messages that wait for one of those; default
  /// 100,000.
  std::optional<std::size_t> mailbox_max{100'000};
  /// `overload.elevated`, `.high`, `.critical`; by level.
  std::array<shedding_set, overload_levels> actions{0, 2, 11, 15};
};

} // namespace hetzel::messaging
