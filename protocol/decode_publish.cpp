#include "protocol/decode_packet.hpp"

namespace hetzel::mqtt {

namespace {

constexpr unsigned dup_flag = 0x08;
constexpr unsigned retain_flag = 0x01;

qos quality_of(unsigned flags) noexcept {
  return static_cast<qos>((flags >> 1U) & 0x03U);
}

/// QoS 3 does not exist [MQTT-3.3.1-4], and only what is acknowledged is sent
/// again [MQTT-3.3.1-2].
bool is_valid_publish_header(unsigned flags) noexcept {
  auto level = (flags >> 1U) & 0x03U;
  return level != 3 && (level != 0 || (flags & dup_flag) == 0);
}

/// Topic alias and expiry change at every hop, so they are taken out here.
void take_hop_values(property_set present, publish& packet) noexcept {
  using id = property_id;
  if (present.contains(id::topic_alias))
    packet.topic_alias
      = static_cast<std::uint16_t>(*packet.properties.integer(id::topic_alias));
  if (present.contains(id::message_expiry_interval))
    packet.expiry_interval = std::chrono::seconds(
      *packet.properties.integer(id::message_expiry_interval));
}

/// The part that only 5.0 has.
void read_publish_properties(reader& in, publish& packet) noexcept {
  auto properties
    = read_properties(in, property_place::publish, protocol_version::v5);
  packet.properties = properties.view;
  if (!properties.present.empty())
    take_hop_values(properties.present, packet);
  // An empty name stands for the alias (3.3.2.1).
  in.require(!packet.topic_name.empty() || packet.topic_alias != 0,
             reason_code::protocol_error);
}

} // namespace

expected<publish, reason_code>
decode_publish(const frame& packet, protocol_version version) noexcept {
  unsigned flags = packet.flags;
  auto in = open_body(packet, version);
  in.require(is_valid_publish_header(flags), reason_code::malformed_packet);
  // Filled where the caller wants it: copying what was just written byte by
  // byte stalls on the store buffer and took half of this function's time.
  expected<publish, reason_code> result(default_init);
  result->dup = (flags & dup_flag) != 0;
  result->retain = (flags & retain_flag) != 0;
  result->quality = quality_of(flags);
  result->topic_name = in.utf8_string();
  if (result->quality != qos::at_most_once)
    result->id = read_packet_id(in);
  if (version == protocol_version::v5)
    read_publish_properties(in, *result);
  result->payload = in.rest();
  if (in.has_failed())
    result = unexpected(in.fault());
  return result;
}

expected<publish_reply, reason_code>
decode_publish_reply(const frame& packet, protocol_version version) noexcept {
  auto in = open_body(packet, version);
  publish_reply reply;
  reply.id = read_packet_id(in);
  // Short forms: without code it is `success`, without Property Length there
  // are no properties (MQTT 5, 3.4.2.1).
  if (version == protocol_version::v5 && !in.at_end()) {
    reply.code = read_reason_code(in, packet.type);
    if (!in.at_end())
      reply.properties
        = read_properties(in, place_of(packet.type), version).view;
  }
  return close_body(in, reply);
}

} // namespace hetzel::mqtt
