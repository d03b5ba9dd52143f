#include "protocol/encoder.hpp"

#include "protocol/writer.hpp"

namespace hetzel::mqtt {

namespace {

constexpr std::size_t alias_size = 3;
constexpr std::size_t expiry_size = 5;

std::size_t publish_properties_size(const publish& packet) noexcept {
  return packet.properties.bytes().size()
         + (packet.topic_alias != 0 ? alias_size : 0)
         + (packet.expiry_interval ? expiry_size : 0);
}

void write_publish_properties(writer& to, const publish& packet,
                              std::size_t size) {
  to.variable_integer(size);
  if (packet.topic_alias != 0) {
    to.byte(static_cast<unsigned char>(property_id::topic_alias));
    to.two_byte_integer(packet.topic_alias);
  }
  if (packet.expiry_interval) {
    to.byte(static_cast<unsigned char>(property_id::message_expiry_interval));
    to.four_byte_integer(
      static_cast<std::uint32_t>(packet.expiry_interval->count()));
  }
  to.raw(packet.properties.bytes());
}

unsigned publish_flags(const publish& packet) noexcept {
  return (packet.dup ? 0x08U : 0x00U)
         | static_cast<unsigned>(packet.quality) << 1U
         | (packet.retain ? 0x01U : 0x00U);
}

} // namespace

void encode(const publish& packet, protocol_version version, std::string& out) {
  auto is_v5 = version == protocol_version::v5;
  auto has_id = packet.quality != qos::at_most_once;
  auto expiry = packet.expiry_interval.value_or(std::chrono::seconds{0});
  HETZEL_ASSERT(expiry.count() >= 0 && expiry.count() <= 0xFFFF'FFFF);
  HETZEL_ASSERT(packet.payload.size() <= remaining_length_max);
  auto size
    = string_size(packet.topic_name) + (has_id ? 2 : 0) + packet.payload.size();
  auto coded_size = publish_properties_size(packet);
  if (is_v5)
    size += variable_byte_integer_size(coded_size) + coded_size;
  writer to(out, packet_type::publish, publish_flags(packet), size);
  to.string(packet.topic_name);
  if (has_id)
    to.two_byte_integer(packet.id);
  if (is_v5)
    write_publish_properties(to, packet, coded_size);
  to.raw(packet.payload);
  to.close();
}

void encode_reply(packet_type type, const publish_reply& packet,
                  protocol_version version, std::string& out) {
  // Bit 1 of PUBREL is reserved and set [MQTT-3.6.1-1].
  auto flags = type == packet_type::pubrel ? 0x02U : 0x00U;
  auto has_properties
    = version == protocol_version::v5 && !packet.properties.empty();
  auto has_code = has_properties
                  || (version == protocol_version::v5
                      && packet.code != reason_code::success);
  auto size
    = std::size_t{2} + (has_code ? 1 : 0)
      + (has_properties ? properties_size(packet.properties, version) : 0);
  writer to(out, type, flags, size);
  to.two_byte_integer(packet.id);
  if (has_code)
    to.byte(static_cast<unsigned char>(packet.code));
  if (has_properties)
    to.properties(packet.properties, version);
  to.close();
}

} // namespace hetzel::mqtt
