#include "protocol/encoder.hpp"
#include "test/support/decoding.hpp"
#include "test/support/hex.hpp"

#include <doctest/doctest.h>

namespace decode_publish_test {

using namespace hetzel::mqtt;
using hetzel::test::decoded_text;
using hetzel::test::encoded_hex;
using hetzel::test::hex;

namespace {

constexpr auto v3_1 = protocol_version::v3_1;
constexpr auto v3_1_1 = protocol_version::v3_1_1;
constexpr auto v5 = protocol_version::v5;

constexpr auto malformed = "error: malformed_packet";
constexpr auto protocol_fault = "error: protocol_error";

} // namespace

// -- PUBLISH -----------------------------------------------------------------

TEST_CASE("a PUBLISH of QoS 0 has no Packet Identifier [MQTT-2.2.1-2]") {
  for (auto version : {v3_1, v3_1_1})
    CHECK(decoded_text("31 06 0003'a/b' 'x'", version)
          == "PUBLISH dup=0 retain=1 qos=0 id=0 topic_name='a/b' alias=0 "
             "expiry=-1 properties=[] payload='x'");
  CHECK(decoded_text("30 07 0003'a/b' 00 'x'", v5)
        == "PUBLISH dup=0 retain=0 qos=0 id=0 topic_name='a/b' alias=0 "
           "expiry=-1 properties=[] payload='x'");
}

TEST_CASE("a PUBLISH of QoS 1 or 2 has one (MQTT 5, 3.3.2.2)") {
  CHECK(decoded_text("3A 07 0001'a' 1234 'xy'", v3_1_1)
        == "PUBLISH dup=1 retain=0 qos=1 id=4660 topic_name='a' alias=0 "
           "expiry=-1 properties=[] payload='xy'");
  CHECK(decoded_text("34 06 0001'a' 0001 00", v5)
        == "PUBLISH dup=0 retain=0 qos=2 id=1 topic_name='a' alias=0 "
           "expiry=-1 properties=[] payload=''");
}

TEST_CASE("Topic Alias and Message Expiry Interval are taken out of the "
          "properties (MQTT 5, 3.3.2.3)") {
  CHECK(decoded_text("30 11 0000 0E 01 01 02 0000003C 03 0001't' 23 0007", v5)
        == "PUBLISH dup=0 retain=0 qos=0 id=0 topic_name='' alias=7 "
           "expiry=60 properties=[1:1'''' 3:0'''t'] payload=''");
}

TEST_CASE("a PUBLISH in exact bytes (MQTT 5, 3.3)") {
  publish packet;
  packet.topic_name = "a/b";
  packet.payload = "hi";
  packet.retain = true;
  CHECK(encoded_hex(packet, v3_1_1) == "31 07 00 03 61 2F 62 68 69");
  CHECK(encoded_hex(packet, v5) == "31 08 00 03 61 2F 62 00 68 69");
  packet.quality = qos::at_least_once;
  packet.dup = true;
  packet.id = 0x1234;
  packet.topic_alias = 7;
  packet.expiry_interval = std::chrono::seconds(60);
  auto coded = hex("01 01");
  packet.properties = property_view(coded);
  CHECK(encoded_hex(packet, v3_1) == "3B 09 00 03 61 2F 62 12 34 68 69");
  CHECK(encoded_hex(packet, v5)
        == "3B 14 00 03 61 2F 62 12 34 0A 23 00 07 02 00 00 00 3C 01 01 68 "
           "69");
}

TEST_CASE("QoS 3 is malformed [MQTT-3.3.1-4]") {
  for (auto version : {v3_1, v3_1_1, v5})
    CHECK(decoded_text("36 06 0001'a' 0001 00", version) == malformed);
}

TEST_CASE("DUP with QoS 0 is malformed [MQTT-3.3.1-2]") {
  for (auto version : {v3_1, v3_1_1, v5})
    CHECK(decoded_text("38 04 0001'a' 00", version) == malformed);
}

TEST_CASE("Packet Identifier 0 is a protocol error [MQTT-2.2.1-3]") {
  for (auto version : {v3_1, v3_1_1, v5}) {
    CHECK(decoded_text("32 06 0001'a' 0000 00", version) == protocol_fault);
    CHECK(decoded_text("40 02 0000", version) == protocol_fault);
    CHECK(decoded_text("62 02 0000", version) == protocol_fault);
  }
}

TEST_CASE("an empty Topic Name needs a Topic Alias (MQTT 5, 3.3.2.1)") {
  CHECK(decoded_text("30 03 0000 00", v5) == protocol_fault);
  CHECK(decoded_text("30 06 0000 03 23 0001", v5).starts_with("PUBLISH"));
  CHECK(decoded_text("30 06 0000 03 23 0000", v5)
        == "error: topic_alias_invalid");
}

TEST_CASE("a Topic Name is UTF-8 without NUL [MQTT-3.3.2-1] [MQTT-1.5.4-2]") {
  for (auto version : {v3_1, v3_1_1, v5}) {
    CHECK(decoded_text("30 04 0001 80 00", version) == malformed);
    CHECK(decoded_text("30 04 0001 00 00", version) == malformed);
    CHECK(decoded_text("30 06 0003 EDA080 00", version) == malformed);
  }
}

TEST_CASE("a PUBLISH that is shorter than its fields is malformed "
          "[MQTT-4.13.1-1]") {
  for (auto* cut :
       {"30 00", "30 01 00", "30 02 0001", "32 03 0001'a'", "32 04 0001'a' 00"})
    for (auto version : {v3_1, v3_1_1, v5}) {
      CAPTURE(cut);
      CHECK(decoded_text(cut, version) == malformed);
    }
  CHECK(decoded_text("30 03 0001'a'", v5) == malformed);
  CHECK(decoded_text("30 04 0001'a' 05", v5) == malformed);
  CHECK(decoded_text("30 08 0001'a' FFFFFFFF01", v5) == malformed);
}

TEST_CASE("5.0 wants lengths in their shortest form [MQTT-1.5.5-1]") {
  CHECK(decoded_text("30 84 00 0001'a' 00", v5) == malformed);
  CHECK(decoded_text("30 84 00 0001'a' 'x'", v3_1_1).starts_with("PUBLISH"));
  CHECK(decoded_text("30 05 0001'a' 80 00", v5) == malformed);
}

// -- PUBACK, PUBREC, PUBREL, PUBCOMP -----------------------------------------

TEST_CASE("replies to a PUBLISH have three forms in 5.0 (MQTT 5, 3.4.2.1)") {
  CHECK(decoded_text("40 02 0102", v5)
        == "PUBACK id=258 code=success properties=[]");
  CHECK(decoded_text("50 03 0102 10", v5)
        == "PUBREC id=258 code=no_matching_subscribers properties=[]");
  CHECK(decoded_text("62 04 0102 92 00", v5)
        == "PUBREL id=258 code=packet_identifier_not_found properties=[]");
  CHECK(decoded_text("70 08 0102 92 04 1F 0001'r'", v5)
        == "PUBCOMP id=258 code=packet_identifier_not_found "
           "properties=[31:0'''r']");
}

TEST_CASE("in 3.x they have one (MQTT 3.1.1, 3.4)") {
  for (auto version : {v3_1, v3_1_1}) {
    CHECK(decoded_text("70 02 0102", version)
          == "PUBCOMP id=258 code=success properties=[]");
    CHECK(decoded_text("40 03 0102 00", version) == malformed);
    CHECK(decoded_text("40 01 01", version) == malformed);
  }
}

TEST_CASE("replies in exact bytes (MQTT 5, 3.4 to 3.7)") {
  auto coded = hex("1F 0001'r'");
  puback accepted{{258, reason_code::success, {}}};
  pubrel unknown{{258, reason_code::packet_identifier_not_found, {}}};
  pubrec refused{{258, reason_code::quota_exceeded, property_view(coded)}};
  CHECK(encoded_hex(accepted, v5) == "40 02 01 02");
  CHECK(encoded_hex(unknown, v5) == "62 03 01 02 92");
  CHECK(encoded_hex(refused, v5) == "50 08 01 02 97 04 1F 00 01 72");
  CHECK(encoded_hex(refused, v3_1_1) == "50 02 01 02");
  CHECK(encoded_hex(unknown, v3_1) == "62 02 01 02");
  CHECK(encoded_hex(pubcomp{{1, {}, property_view(coded)}}, v5)
        == "70 08 00 01 00 04 1F 00 01 72");
}

TEST_CASE("each reply has its own reason codes [MQTT-3.4.2-1] [MQTT-3.5.2-1] "
          "[MQTT-3.6.2-1] [MQTT-3.7.2-1]") {
  CHECK(decoded_text("40 03 0001 92", v5) == protocol_fault);
  CHECK(decoded_text("50 03 0001 01", v5) == protocol_fault);
  CHECK(decoded_text("62 03 0001 10", v5) == protocol_fault);
  CHECK(decoded_text("70 03 0001 80", v5) == protocol_fault);
}

TEST_CASE("the flags of PUBREL are 2; only 3.1 adds DUP [MQTT-3.6.1-1]") {
  CHECK(decoded_text("6A 02 0001", v3_1).starts_with("PUBREL"));
  CHECK(decoded_text("6A 02 0001", v3_1_1) == malformed);
  CHECK(decoded_text("6A 02 0001", v5) == malformed);
  CHECK(decoded_text("60 02 0001", v3_1) == malformed);
}

} // namespace decode_publish_test
