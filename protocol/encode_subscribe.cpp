#include "protocol/encoder.hpp"

#include "protocol/subscription_options.hpp"
#include "protocol/writer.hpp"

namespace hetzel::mqtt {

namespace {

/// Bits 3–0 of the requests are reserved and 2 [MQTT-3.8.1-1]
/// [MQTT-3.10.1-1].
constexpr unsigned request_flags = 0x02;

unsigned options_byte(const subscription_options& options,
                      protocol_version version) noexcept {
  return version == protocol_version::v5
           ? options_byte(options)
           : static_cast<unsigned>(options.quality);
}

/// 3.x has one code for every failure.
unsigned suback_byte(reason_code code, protocol_version version) noexcept {
  auto is_plain = version == protocol_version::v5 || !is_error(code);
  return static_cast<unsigned char>(is_plain ? code
                                             : reason_code::unspecified_error);
}

} // namespace

void encode(const subscribe& packet, protocol_version version,
            std::string& out) {
  auto size = 2 + properties_size(packet.properties, version);
  for (auto& entry : packet.entries)
    size += string_size(entry.topic_filter) + 1;
  writer to(out, packet_type::subscribe, request_flags, size);
  to.two_byte_integer(packet.id);
  to.properties(packet.properties, version);
  for (auto& entry : packet.entries) {
    to.string(entry.topic_filter);
    to.byte(options_byte(entry.options, version));
  }
  to.close();
}

void encode(const suback& packet, protocol_version version, std::string& out) {
  writer to(out, packet_type::suback, 0,
            2 + properties_size(packet.properties, version)
              + packet.codes.size());
  to.two_byte_integer(packet.id);
  to.properties(packet.properties, version);
  for (auto code : packet.codes)
    to.byte(suback_byte(code, version));
  to.close();
}

void encode(const unsubscribe& packet, protocol_version version,
            std::string& out) {
  auto size = 2 + properties_size(packet.properties, version);
  for (auto filter : packet.topic_filters)
    size += string_size(filter);
  writer to(out, packet_type::unsubscribe, request_flags, size);
  to.two_byte_integer(packet.id);
  to.properties(packet.properties, version);
  for (auto filter : packet.topic_filters)
    to.string(filter);
  to.close();
}

void encode(const unsuback& packet, protocol_version version,
            std::string& out) {
  auto is_v5 = version == protocol_version::v5;
  writer to(out, packet_type::unsuback, 0,
            2 + properties_size(packet.properties, version)
              + (is_v5 ? packet.codes.size() : 0));
  to.two_byte_integer(packet.id);
  to.properties(packet.properties, version);
  if (is_v5)
    for (auto code : packet.codes)
      to.byte(static_cast<unsigned char>(code));
  to.close();
}

} // namespace hetzel::mqtt
