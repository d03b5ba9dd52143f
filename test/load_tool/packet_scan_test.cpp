#include "test/load/packet_scan.hpp"

#include "test/load/publish_template.hpp"

#include <doctest/doctest.h>

#include <string>

namespace packet_scan_test {

using namespace hetzel::test::load;
using hetzel::mqtt::bytes_view;
using hetzel::mqtt::packet_type;
using hetzel::mqtt::protocol_version;
using hetzel::mqtt::qos;

TEST_CASE("a packet is taken when its last byte has come, not before") {
  std::string packet = "\x30";
  packet += "\x82\x01";
  packet.append(130, 'x');
  for (std::size_t size = 0; size < packet.size(); ++size) {
    auto rest = bytes_view{packet}.substr(0, size);
    scanned_packet scanned;
    CHECK(scan_packet(rest, scanned) == scan_result::incomplete);
    CHECK(rest.size() == size);
  }
  packet += '\xD0';
  bytes_view rest = packet;
  scanned_packet scanned;
  CHECK(scan_packet(rest, scanned) == scan_result::complete);
  CHECK(scanned.type() == packet_type::publish);
  CHECK(scanned.body.size() == 130);
  CHECK(scanned.whole.size() == 133);
  CHECK(rest == "\xD0");
}

TEST_CASE("a Remaining Length of more than four bytes is malformed "
          "[MQTT-1.5.5-1]") {
  bytes_view rest{"\x30\xFF\xFF\xFF\xFF\x01", 6};
  scanned_packet scanned;
  CHECK(scan_packet(rest, scanned) == scan_result::malformed);
}

TEST_CASE("a patched template is the PUBLISH that was asked for") {
  for (const auto version : {protocol_version::v3_1_1, protocol_version::v5}) {
    for (const auto quality :
         {qos::at_most_once, qos::at_least_once, qos::exactly_once}) {
      const publish_template source{"a/b", 200, quality, false, version};
      std::string out = "before";
      source.append_to(out, 0x1234, {99, 3, 17});
      auto rest = bytes_view{out}.substr(6);
      scanned_packet packet;
      REQUIRE(scan_packet(rest, packet) == scan_result::complete);
      CHECK(rest.empty());
      scanned_publish publish;
      REQUIRE(scan_publish(packet, version, publish));
      CHECK(publish.quality == quality);
      CHECK(publish.id == (quality == qos::at_most_once ? 0 : 0x1234));
      CHECK(payload_check{200, true}.accepts(publish.payload));
      CHECK(read_stamp(publish.payload).sequence == 17);
    }
  }
}

TEST_CASE("a PUBLISH that ends within its header is refused") {
  const publish_template source{"a/b", 16, qos::at_least_once, false,
                                protocol_version::v5};
  std::string out;
  source.append_to(out, 1, {});
  bytes_view rest = out;
  scanned_packet packet;
  REQUIRE(scan_packet(rest, packet) == scan_result::complete);
  const auto header_size = packet.body.size() - 16;
  for (std::size_t size = 0; size < header_size; ++size) {
    auto part = packet;
    part.body = packet.body.substr(0, size);
    scanned_publish publish;
    CHECK_FALSE(scan_publish(part, protocol_version::v5, publish));
  }
}

} // namespace packet_scan_test
