#include "protocol/decode_packet.hpp"

namespace hetzel::mqtt {

namespace {

constexpr unsigned bridge_bit = 0x80;

/// The byte after the protocol level (MQTT 5, 3.1.2.3).
struct connect_flags {
  bool reserved;
  bool clean_start;
  bool will;
  unsigned will_qos;
  bool will_retain;
  bool password;
  bool user_name;
};

connect_flags read_connect_flags(reader& in) noexcept {
  unsigned bits = in.byte();
  auto bit = [bits](unsigned index) { return ((bits >> index) & 1U) != 0; };
  return {bit(0), bit(1), bit(2), (bits >> 3U) & 3U, bit(5), bit(6), bit(7)};
}

/// 3.1 has no rules about flags that do not count: "reserved" and "disregard"
/// are its words.
bool are_valid(const connect_flags& flags, protocol_version version) noexcept {
  if (flags.will && flags.will_qos == 3)
    return false; // [MQTT-3.1.2-12]
  if (version != protocol_version::v5 && flags.password && !flags.user_name)
    return false; // [MQTT-3.1.2-22] of 3.1.1
  if (version == protocol_version::v3_1)
    return true;
  // [MQTT-3.1.2-3] [MQTT-3.1.2-11] [MQTT-3.1.2-13]
  return !flags.reserved
         && (flags.will || (flags.will_qos == 0 && !flags.will_retain));
}

/// Protocol name and level. One answer to every pair that is not ours: what
/// follows in such a packet is not for us to read [MQTT-3.1.2-1]
/// [MQTT-3.1.2-2].
void read_version(reader& in, connect& packet) noexcept {
  auto name = in.binary();
  unsigned level = in.byte();
  packet.is_bridge = (level & bridge_bit) != 0;
  auto plain = level & ~bridge_bit;
  auto is_known = name == "MQTT" ? plain == 4 || level == 5
                                 : name == "MQIsdp" && plain == 3;
  in.require(is_known, reason_code::unsupported_protocol_version);
  packet.version = static_cast<protocol_version>(plain);
}

will read_will(reader& in, const connect_flags& flags,
               protocol_version version) noexcept {
  will result;
  result.properties = read_properties(in, property_place::will, version).view;
  result.topic_name = in.utf8_string();
  result.payload = in.binary();
  result.quality = static_cast<qos>(flags.will_qos);
  result.retain = flags.will_retain;
  return result;
}

/// In 3.1 the Remaining Length takes precedence over the flags: a user name or
/// password that is announced but not there is no fault (MQTT 3.1, 3.1).
bool is_left_out(const reader& in, protocol_version version) noexcept {
  return version == protocol_version::v3_1 && in.at_end();
}

void read_payload(reader& in, const connect_flags& flags,
                  connect& packet) noexcept {
  packet.client_id = in.utf8_string();
  if (flags.will)
    packet.will = read_will(in, flags, packet.version);
  if (flags.user_name && !is_left_out(in, packet.version))
    packet.user_name = in.utf8_string();
  if (flags.password && !is_left_out(in, packet.version))
    packet.password = in.binary();
}

} // namespace

expected<connect, reason_code> decode_connect(const frame& packet) noexcept {
  reader in(packet.body);
  connect result;
  read_version(in, result);
  in.require(is_valid_header(packet, result.version),
             reason_code::malformed_packet);
  auto flags = read_connect_flags(in);
  in.require(are_valid(flags, result.version), reason_code::malformed_packet);
  result.clean_start = flags.clean_start;
  result.keep_alive = std::chrono::seconds(in.two_byte_integer());
  result.properties
    = read_properties(in, property_place::connect, result.version).view;
  read_payload(in, flags, result);
  return close_body(in, result);
}

} // namespace hetzel::mqtt
