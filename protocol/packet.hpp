#pragma once

#include "protocol/basic_types.hpp"
#include "protocol/property.hpp"
#include "protocol/reason_code.hpp"

#include <cstdint>
#include <optional>
#include <variant>
#include <vector>

/// Control packets of MQTT 3.1, 3.1.1 and 5.0 as value types. Strings and
/// payloads are views of the buffer that was decoded; whoever keeps a packet
/// longer copies what it needs. In a packet of 3.x the properties are empty
/// and reason codes are `success`.

namespace hetzel::mqtt {

/// Bits 7–4 of the first byte (MQTT 5, 2.1.2).
enum class packet_type : unsigned char {
  connect = 1,
  connack,
  publish,
  puback,
  pubrec,
  pubrel,
  pubcomp,
  subscribe,
  suback,
  unsubscribe,
  unsuback,
  pingreq,
  pingresp,
  disconnect,
  auth,
};

[[nodiscard]] std::string_view to_string(packet_type type) noexcept;

struct will {
  bytes_view topic_name;
  bytes_view payload;
  qos quality{};
  bool retain = false;
  property_view properties;
};

struct connect {
  protocol_version version{};
  /// The 0x80 bit of the level (131, 132): the peer is a bridge, which implies
  /// No Local and Retain As Published for its subscriptions.
  bool is_bridge = false;
  bool clean_start = false;
  std::chrono::seconds keep_alive{0};
  bytes_view client_id;
  std::optional<struct will> will;
  std::optional<bytes_view> user_name;
  std::optional<bytes_view> password;
  property_view properties;
};

struct connack {
  bool session_present = false;
  reason_code code{};
  property_view properties;
};

struct publish {
  bool dup = false;
  bool retain = false;
  qos quality{};
  packet_id id = 0;
  /// Empty in 5.0 when `topic_alias` stands for it.
  bytes_view topic_name;
  /// Decoded from `properties`, since every hop changes them; 0: absent.
  std::uint16_t topic_alias = 0;
  std::optional<std::chrono::seconds> expiry_interval;
  property_view properties;
  bytes_view payload;
};

/// PUBACK, PUBREC, PUBREL and PUBCOMP have one shape.
struct publish_reply {
  packet_id id = 0;
  reason_code code{};
  property_view properties;
};

struct puback : publish_reply {};
struct pubrec : publish_reply {};
struct pubrel : publish_reply {};
struct pubcomp : publish_reply {};

/// What to do with retained messages at SUBSCRIBE (MQTT 5, 3.8.3.1).
enum class retain_handling : unsigned char {
  send = 0,
  send_if_new = 1,
  do_not_send = 2,
};

struct subscription_options {
  qos quality{};
  bool no_local = false;
  bool retain_as_published = false;
  retain_handling handling{};

  bool operator==(const subscription_options&) const = default;
};

struct subscribe_entry {
  bytes_view topic_filter;
  subscription_options options;
};

struct subscribe {
  packet_id id = 0;
  /// Zero: none.
  std::uint32_t subscription_id = 0;
  property_view properties;
  std::vector<subscribe_entry> entries;
};

struct suback {
  packet_id id = 0;
  property_view properties;
  std::vector<reason_code> codes;
};

struct unsubscribe {
  packet_id id = 0;
  property_view properties;
  std::vector<bytes_view> topic_filters;
};

struct unsuback {
  packet_id id = 0;
  property_view properties;
  /// 3.x has no codes in UNSUBACK; they are not encoded there.
  std::vector<reason_code> codes;
};

struct pingreq {};
struct pingresp {};

struct disconnect {
  reason_code code{};
  property_view properties;
};

struct auth {
  reason_code code{};
  property_view properties;
};

using control_packet
  = std::variant<connect, connack, publish, puback, pubrec, pubrel, pubcomp,
                 subscribe, suback, unsubscribe, unsuback, pingreq, pingresp,
                 disconnect, auth>;

} // namespace hetzel::mqtt
