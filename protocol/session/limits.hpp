#pragma once

#include "protocol/basic_types.hpp"
#include "protocol/topic.hpp"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>

namespace hetzel::mqtt {

/// The largest packet that MQTT can say, fixed header included.
inline constexpr std::size_t packet_size_limit = remaining_length_max + 5;

/// What the server grants a session at most. Configured per node and listener;
/// passed by value.
struct session_limits {
  /// Bit n allows level n (3, 4, 5); bits 6 and 7 the bridge levels 131, 132.
  struct versions {
    bool v3_1 = true;
    bool v3_1_1 = true;
    bool v5 = true;
    bool v3_1_bridge = true;
    bool v3_1_1_bridge = false;

    bool operator==(const versions&) const = default;
  } allowed_versions;

  std::size_t client_id_size_max = 100;
  /// Whole packet, either direction; announced to 5.0 clients when lower than
  /// the protocol's own maximum.
  std::size_t packet_size_max = packet_size_limit;
  /// The same for CONNECT, whose sender nobody knows yet. Five strings of
  /// 65,535 bytes and some properties fit.
  std::size_t connect_size_max = 512 * 1024;
  topic_limits topics;

  /// Outgoing QoS 1/2 window of a 3.x client; 0: no limit but packet ids.
  std::uint16_t in_flight_max_v3 = 20;
  /// Cap of a 5.0 client's Receive Maximum.
  std::uint16_t receive_maximum_client = 65'535;
  /// Receive Maximum announced to clients; at least 1.
  std::uint16_t receive_maximum_server = 65'535;
  /// Topic aliases a client may set (announced); 0: none.
  std::uint16_t topic_alias_maximum_in = 0;
  /// Topic aliases we set, at most; 0: none.
  std::uint16_t topic_alias_maximum_out = 0;

  /// Longest keep alive; a longer or absent one is replaced (Server Keep
  /// Alive for 5.0). nullopt: the client's word.
  std::optional<std::chrono::seconds> keep_alive_max;
  /// Longest a connection lasts, from CONNACK; nullopt: without end.
  std::optional<std::chrono::seconds> connection_lifetime_max;
  /// Longest a 5.0 session outlives its connection; nullopt: the client's word.
  std::optional<std::chrono::seconds> session_expiry_max;
  /// The same for 3.x sessions with clean session 0; nullopt: for ever.
  std::optional<std::chrono::seconds> persistent_client_expiration;
  /// Cap of Will Delay Interval; nullopt: the client's word.
  std::optional<std::chrono::seconds> will_delay_max;

  /// Resend interval of unacknowledged packets on a live 3.x connection;
  /// 5.0 never resends there [MQTT-4.4.0-1]. 0: never.
  std::chrono::seconds retry_interval{20};
  bool upgrade_outgoing_qos = false;

  /// What a 5.0 client that asks for it gets as Response Information; empty:
  /// nothing (MQTT 5, 3.2.2.3.15).
  std::string response_information;
};

} // namespace hetzel::mqtt
