#include "protocol/encoder.hpp"

#include "protocol/writer.hpp"

namespace hetzel::mqtt {

namespace {

bytes_view protocol_name(protocol_version version) noexcept {
  return version == protocol_version::v3_1 ? "MQIsdp" : "MQTT";
}

/// Bridges say so by the top bit in 3.x; 5.0 has subscription options instead.
unsigned protocol_level(const connect& packet) noexcept {
  auto level = static_cast<unsigned>(packet.version);
  auto marked = packet.is_bridge && packet.version != protocol_version::v5;
  return marked ? level | 0x80U : level;
}

unsigned flags_of(const connect& packet) noexcept {
  auto flags = packet.clean_start ? 0x02U : 0x00U;
  if (packet.will)
    flags |= 0x04U | static_cast<unsigned>(packet.will->quality) << 3U
             | (packet.will->retain ? 0x20U : 0x00U);
  if (packet.password)
    flags |= 0x40U;
  if (packet.user_name)
    flags |= 0x80U;
  return flags;
}

std::size_t will_size(const will& last, protocol_version version) {
  return properties_size(last.properties, version)
         + string_size(last.topic_name) + string_size(last.payload);
}

void write_will(writer& to, const will& last, protocol_version version) {
  to.properties(last.properties, version);
  to.string(last.topic_name);
  to.string(last.payload);
}

std::size_t connect_size(const connect& packet) {
  auto size = string_size(protocol_name(packet.version)) + 1 + 1 + 2
              + properties_size(packet.properties, packet.version)
              + string_size(packet.client_id);
  if (packet.will)
    size += will_size(*packet.will, packet.version);
  if (packet.user_name)
    size += string_size(*packet.user_name);
  if (packet.password)
    size += string_size(*packet.password);
  return size;
}

} // namespace

void encode(const connect& packet, std::string& out) {
  auto keep_alive = packet.keep_alive.count();
  HETZEL_ASSERT(keep_alive >= 0 && keep_alive <= 65'535);
  writer to(out, packet_type::connect, 0, connect_size(packet));
  to.string(protocol_name(packet.version));
  to.byte(protocol_level(packet));
  to.byte(flags_of(packet));
  to.two_byte_integer(static_cast<unsigned>(keep_alive));
  to.properties(packet.properties, packet.version);
  to.string(packet.client_id);
  if (packet.will)
    write_will(to, *packet.will, packet.version);
  if (packet.user_name)
    to.string(*packet.user_name);
  if (packet.password)
    to.string(*packet.password);
  to.close();
}

void encode(const connack& packet, protocol_version version, std::string& out) {
  auto is_v5 = version == protocol_version::v5;
  // 3.1 has no Session Present.
  auto flag = packet.session_present && version != protocol_version::v3_1;
  writer to(out, packet_type::connack, 0,
            2 + properties_size(packet.properties, version));
  to.byte(flag ? 1 : 0);
  to.byte(is_v5 ? static_cast<unsigned char>(packet.code)
                : connack_return_code(packet.code));
  to.properties(packet.properties, version);
  to.close();
}

} // namespace hetzel::mqtt
