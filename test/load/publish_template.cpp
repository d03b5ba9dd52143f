#include "test/load/publish_template.hpp"

#include "protocol/encoder.hpp"
#include "test/load/packet_scan.hpp"

namespace hetzel::test::load {

publish_template::publish_template(mqtt::bytes_view topic_name,
                                   std::size_t payload_size, mqtt::qos quality,
                                   bool retain,
                                   mqtt::protocol_version version) {
  const auto payload = make_payload(payload_size);
  mqtt::publish packet;
  packet.quality = quality;
  packet.retain = retain;
  packet.id = quality == mqtt::qos::at_most_once ? 0 : 1;
  packet.topic_name = topic_name;
  packet.payload = payload;
  mqtt::encode(packet, version, packet_);
  payload_offset_ = packet_.size() - payload.size();
  if (quality == mqtt::qos::at_most_once)
    return;
  mqtt::bytes_view rest = packet_;
  scanned_packet scanned;
  scan_packet(rest, scanned);
  const auto header_size = packet_.size() - scanned.body.size();
  id_offset_ = header_size + 2 + topic_name.size();
}

} // namespace hetzel::test::load
