#include "protocol/encoder.hpp"
#include "test/support/decoding.hpp"
#include "test/support/hex.hpp"

#include <doctest/doctest.h>

namespace decode_subscribe_test {

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

// -- SUBSCRIBE ---------------------------------------------------------------

TEST_CASE("a SUBSCRIBE has filters, each with its options (MQTT 5, 3.8.3)") {
  CHECK(decoded_text("82 0B 0007 0001'a' 01 0002'b#' 00", v3_1_1)
        == "SUBSCRIBE id=7 subscription_id=0 properties=[] filter='a' qos=1 "
           "no_local=0 as_published=0 handling=0 filter='b#' qos=0 "
           "no_local=0 as_published=0 handling=0");
  CHECK(decoded_text("82 0A 0007 03 0B FF7F 0001'a' 2E", v5)
        == "SUBSCRIBE id=7 subscription_id=16383 properties=[11:16383''''] "
           "filter='a' qos=2 no_local=1 as_published=1 handling=2");
}

TEST_CASE("a SUBSCRIBE in exact bytes (MQTT 5, 3.8)") {
  auto coded = hex("0B 07");
  subscribe packet;
  packet.id = 10;
  packet.properties = property_view(coded);
  packet.entries
    = {{"a", {qos::exactly_once, true, true, retain_handling::send_if_new}},
       {"b/+", {qos::at_most_once, false, false, {}}}};
  CHECK(encoded_hex(packet, v5)
        == "82 0F 00 0A 02 0B 07 00 01 61 1E 00 03 62 2F 2B 00");
  CHECK(encoded_hex(packet, v3_1_1)
        == "82 0C 00 0A 00 01 61 02 00 03 62 2F 2B 00");
}

TEST_CASE("a SUBSCRIBE without filters is a protocol error [MQTT-3.8.3-2]") {
  CHECK(decoded_text("82 02 0001", v3_1) == protocol_fault);
  CHECK(decoded_text("82 02 0001", v3_1_1) == protocol_fault);
  CHECK(decoded_text("82 03 0001 00", v5) == protocol_fault);
}

TEST_CASE("reserved subscription options are malformed; 3.1 does not look at "
          "them [MQTT-3.8.3-5] [MQTT-3.8.3-4 of 3.1.1]") {
  for (auto* bits : {"40", "80", "C1"})
    CHECK(decoded_text("82 07 0001 00 0001'a'" + std::string(bits), v5)
          == malformed);
  for (auto* bits : {"04", "08", "10", "20", "40", "80"}) {
    CHECK(decoded_text("82 06 0001 0001'a'" + std::string(bits), v3_1_1)
          == malformed);
    CHECK(decoded_text("82 06 0001 0001'a'" + std::string(bits), v3_1)
            .find("qos=0 no_local=0 as_published=0 handling=0")
          != std::string::npos);
  }
}

TEST_CASE("QoS 3 and Retain Handling 3 are protocol errors "
          "(MQTT 5, 3.8.3.1)") {
  CHECK(decoded_text("82 07 0001 00 0001'a' 03", v5) == protocol_fault);
  CHECK(decoded_text("82 07 0001 00 0001'a' 30", v5) == protocol_fault);
  CHECK(decoded_text("82 06 0001 0001'a' 03", v3_1_1) == protocol_fault);
  CHECK(decoded_text("82 06 0001 0001'a' 03", v3_1) == protocol_fault);
}

TEST_CASE("Subscription Identifier is 1 to 268,435,455, once "
          "(MQTT 5, 3.8.2.1.2)") {
  CHECK(decoded_text("82 09 0001 02 0B 00 0001'a' 00", v5) == protocol_fault);
  CHECK(decoded_text("82 0B 0001 04 0B 01 0B 02 0001'a' 00", v5)
        == protocol_fault);
  CHECK(decoded_text("82 0C 0001 05 0B FFFFFF7F 0001'a' 00", v5)
          .find("subscription_id=268435455")
        != std::string::npos);
  CHECK(decoded_text("82 0D 0001 06 0B FFFFFFFF01 0001'a' 00", v5)
        == malformed);
}

TEST_CASE("a filter is UTF-8 without NUL [MQTT-3.8.3-1] [MQTT-3.10.3-1]") {
  CHECK(decoded_text("82 06 0001 0001 FF 00", v3_1_1) == malformed);
  CHECK(decoded_text("82 06 0001 0001 00 00", v3_1_1) == malformed);
  CHECK(decoded_text("A2 05 0001 0001 FF", v3_1_1) == malformed);
}

TEST_CASE("the flags of SUBSCRIBE and UNSUBSCRIBE are 2; only 3.1 adds DUP "
          "[MQTT-3.8.1-1] [MQTT-3.10.1-1]") {
  CHECK(decoded_text("8A 06 0001 0001'a' 00", v3_1).starts_with("SUBSCRIBE"));
  CHECK(decoded_text("8A 06 0001 0001'a' 00", v3_1_1) == malformed);
  CHECK(decoded_text("AA 05 0001 0001'a'", v3_1).starts_with("UNSUBSCRIBE"));
  CHECK(decoded_text("AA 05 0001 0001'a'", v3_1_1) == malformed);
  CHECK(decoded_text("80 06 0001 0001'a' 00", v3_1) == malformed);
}

TEST_CASE("Packet Identifier 0 is a protocol error in requests and answers "
          "[MQTT-2.2.1-3]") {
  CHECK(decoded_text("82 06 0000 0001'a' 00", v3_1_1) == protocol_fault);
  CHECK(decoded_text("A2 05 0000 0001'a'", v3_1_1) == protocol_fault);
  CHECK(decoded_text("90 03 0000 00", v3_1_1) == protocol_fault);
  CHECK(decoded_text("B0 02 0000", v3_1_1) == protocol_fault);
}

// -- UNSUBSCRIBE -------------------------------------------------------------

TEST_CASE("an UNSUBSCRIBE names filters (MQTT 5, 3.10.3)") {
  CHECK(decoded_text("A2 08 0007 0001'a' 0001'b'", v3_1_1)
        == "UNSUBSCRIBE id=7 properties=[] filter='a' filter='b'");
  unsubscribe packet{7, {}, {"a", "b"}};
  CHECK(encoded_hex(packet, v5) == "A2 09 00 07 00 00 01 61 00 01 62");
  CHECK(encoded_hex(packet, v3_1) == "A2 08 00 07 00 01 61 00 01 62");
}

TEST_CASE("an UNSUBSCRIBE without filters is a protocol error "
          "[MQTT-3.10.3-2]") {
  CHECK(decoded_text("A2 02 0001", v3_1_1) == protocol_fault);
  CHECK(decoded_text("A2 03 0001 00", v5) == protocol_fault);
}

// -- SUBACK and UNSUBACK -----------------------------------------------------

TEST_CASE("a SUBACK has a code for each filter [MQTT-3.8.4-6]") {
  suback packet{7, {}, {reason_code::granted_qos_1, reason_code::banned}};
  packet.codes[1] = reason_code::not_authorized;
  CHECK(encoded_hex(packet, v5) == "90 05 00 07 00 01 87");
  CHECK(decoded_text("90 05 0007 00 01 87", v5)
        == "SUBACK id=7 properties=[] code=granted_qos_1 code=not_authorized");
}

TEST_CASE("3.x has one failure in SUBACK, 0x80 [MQTT-3.9.3-2 of 3.1.1]") {
  suback packet{
    7, {}, {reason_code::granted_qos_2, reason_code::not_authorized}};
  CHECK(encoded_hex(packet, v3_1_1) == "90 04 00 07 02 80");
  CHECK(decoded_text("90 03 0007 87", v3_1_1) == protocol_fault);
  CHECK(decoded_text("90 03 0007 80", v3_1_1)
        == "SUBACK id=7 properties=[] code=unspecified_error");
}

TEST_CASE("SUBACK and UNSUBACK answer something [MQTT-3.9.3-1]") {
  CHECK(decoded_text("90 02 0007", v3_1_1) == protocol_fault);
  CHECK(decoded_text("90 03 0007 00", v5) == protocol_fault);
  CHECK(decoded_text("B0 03 0007 00", v5) == protocol_fault);
  CHECK(decoded_text("90 04 0007 00 03", v5) == protocol_fault);
}

TEST_CASE("an UNSUBACK has codes in 5.0 only (MQTT 5, 3.11.3)") {
  unsuback packet{7, {}, {reason_code::no_subscription_existed}};
  CHECK(encoded_hex(packet, v5) == "B0 04 00 07 00 11");
  CHECK(encoded_hex(packet, v3_1_1) == "B0 02 00 07");
  CHECK(decoded_text("B0 04 0007 00 11", v5)
        == "UNSUBACK id=7 properties=[] code=no_subscription_existed");
  CHECK(decoded_text("B0 03 0007 00", v3_1_1) == malformed);
}

} // namespace decode_subscribe_test
