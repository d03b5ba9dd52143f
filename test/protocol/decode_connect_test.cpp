#include "protocol/encoder.hpp"
#include "test/support/decoding.hpp"
#include "test/support/hex.hpp"

#include <doctest/doctest.h>

namespace decode_connect_test {

using namespace hetzel::mqtt;
using hetzel::test::decoded_text;
using hetzel::test::encoded_hex;
using hetzel::test::hex;

namespace {

/// CONNECT with the given body; its version is in the body.
std::string connect_text(std::string_view body) {
  auto size = static_cast<char>(hex(body).size());
  return decoded_text("10" + hetzel::test::to_hex({&size, 1})
                        + std::string(body),
                      protocol_version::v5);
}

constexpr auto malformed = "error: malformed_packet";
constexpr auto unsupported = "error: unsupported_protocol_version";

} // namespace

TEST_CASE("a CONNECT of 3.1 says MQIsdp and 3 (MQTT 3.1, 3.1)") {
  CHECK(connect_text("0006'MQIsdp' 03 02 003C 0002'me'")
        == "CONNECT version=3 bridge=0 clean=1 keep_alive=60 client_id='me' "
           "will=none user_name=none password=none properties=[]");
}

TEST_CASE("a CONNECT of 3.1.1 has will, user name and password in this order "
          "[MQTT-3.1.3-1]") {
  CHECK(connect_text("0004'MQTT' 04 EE 000A 0002'me' 0001'w' 0003'bye' "
                     "0001'u' 0001'p'")
        == "CONNECT version=4 bridge=0 clean=1 keep_alive=10 client_id='me' "
           "will={ topic_name='w' payload='bye' qos=1 retain=1 properties=[] "
           "=} user_name='u' password='p' properties=[]");
}

TEST_CASE("a CONNECT of 5.0 has properties, also of its will "
          "(MQTT 5, 3.1.2.11 and 3.1.3.2)") {
  CHECK(connect_text("0004'MQTT' 05 04 0000 05 11 00000010 0000 "
                     "05 18 00000003 0001'w' 0000")
        == "CONNECT version=5 bridge=0 clean=0 keep_alive=0 client_id='' "
           "will={ topic_name='w' payload='' qos=0 retain=0 "
           "properties=[24:3''''] =} user_name=none password=none "
           "properties=[17:16'''']");
}

TEST_CASE("a bridge marks the level of 3.x with its top bit") {
  CHECK(connect_text("0004'MQTT' 84 02 0000 0000").find("version=4 bridge=1")
        != std::string::npos);
  CHECK(
    connect_text("0006'MQIsdp' 83 02 0000 0001'x'").find("version=3 bridge=1")
    != std::string::npos);
  CHECK(connect_text("0004'MQTT' 85 02 0000 00 0000") == unsupported);
}

TEST_CASE("CONNECT in exact bytes (MQTT 5, 3.1)") {
  connect packet;
  packet.version = protocol_version::v3_1;
  packet.client_id = "me";
  packet.keep_alive = std::chrono::seconds(60);
  packet.clean_start = true;
  CHECK(encoded_hex(packet, {})
        == "10 10 00 06 4D 51 49 73 64 70 03 02 00 3C 00 02 6D 65");
  packet.version = protocol_version::v3_1_1;
  packet.is_bridge = true;
  packet.user_name = "u";
  packet.password = "p";
  CHECK(encoded_hex(packet, {})
        == "10 14 00 04 4D 51 54 54 84 C2 00 3C 00 02 6D 65 00 01 75 00 01 70");
  packet.version = protocol_version::v5;
  packet.will = will{"w", "x", qos::exactly_once, true, {}};
  packet.user_name.reset();
  auto coded = hex("21 0005");
  packet.properties = property_view(coded);
  CHECK(encoded_hex(packet, {})
        == "10 1C 00 04 4D 51 54 54 05 76 00 3C 03 21 00 05 00 02 6D 65 00 "
           "00 01 77 00 01 78 00 01 70");
}

TEST_CASE("another protocol name or level is an unsupported version "
          "[MQTT-3.1.2-1] [MQTT-3.1.2-2]") {
  for (auto* start :
       {"0004'MQTT' 03", "0004'MQTT' 06", "0004'MQTT' 00", "0004'MQTT' 83",
        "0006'MQIsdp' 04", "0006'MQIsdp' 84", "0004'mqtt' 04", "0005'MQTTT' 05",
        "0000 05", "0004'HTTP' 01"}) {
    CAPTURE(start);
    CHECK(connect_text(std::string(start) + "02 0000 0000") == unsupported);
  }
  CHECK(connect_text("0009'MQTT'") == malformed);
  CHECK(connect_text("0004'MQTT'") == malformed);
  CHECK(connect_text("") == malformed);
}

TEST_CASE("the reserved connect flag must be 0, which 3.1 does not ask "
          "[MQTT-3.1.2-3]") {
  CHECK(connect_text("0004'MQTT' 04 03 0000 0000") == malformed);
  CHECK(connect_text("0004'MQTT' 05 03 0000 00 0000") == malformed);
  CHECK(connect_text("0006'MQIsdp' 03 03 0000 0001'x'").starts_with("CONNECT"));
}

TEST_CASE("Will QoS 3 is malformed [MQTT-3.1.2-12]") {
  CHECK(connect_text("0004'MQTT' 04 1E 0000 0000 0001'w' 0000") == malformed);
  CHECK(connect_text("0004'MQTT' 05 1E 0000 00 0000 00 0001'w' 0000")
        == malformed);
  CHECK(connect_text("0006'MQIsdp' 03 1E 0000 0000 0001'w' 0000") == malformed);
}

TEST_CASE("without a will there is no Will QoS and no Will Retain, which 3.1 "
          "disregards [MQTT-3.1.2-11] [MQTT-3.1.2-13]") {
  for (auto* flags : {"0A", "12", "22"}) {
    CAPTURE(flags);
    CHECK(connect_text("0004'MQTT' 04" + std::string(flags) + "0000 0000")
          == malformed);
    CHECK(connect_text("0004'MQTT' 05" + std::string(flags) + "0000 00 0000")
          == malformed);
    CHECK(connect_text("0006'MQIsdp' 03" + std::string(flags) + "0000 0001'x'")
            .find("will=none")
          != std::string::npos);
  }
}

TEST_CASE("only 5.0 has a password without a user name "
          "[MQTT-3.1.2-22 of 3.1.1]") {
  CHECK(connect_text("0004'MQTT' 04 42 0000 0000 0001'p'") == malformed);
  CHECK(connect_text("0006'MQIsdp' 03 42 0000 0000 0001'p'") == malformed);
  CHECK(connect_text("0004'MQTT' 05 42 0000 00 0000 0001'p'")
          .find("user_name=none password='p'")
        != std::string::npos);
}

TEST_CASE("in 3.1 the Remaining Length beats the user name and password flags "
          "(MQTT 3.1, 3.1)") {
  CHECK(connect_text("0006'MQIsdp' 03 C2 0000 0001'x'")
          .find("user_name=none password=none")
        != std::string::npos);
  CHECK(connect_text("0006'MQIsdp' 03 C2 0000 0001'x' 0001'u'")
          .find("user_name='u' password=none")
        != std::string::npos);
  CHECK(connect_text("0004'MQTT' 04 82 0000 0001'x'") == malformed);
}

TEST_CASE("text in CONNECT is UTF-8 without NUL [MQTT-1.5.4-1] "
          "[MQTT-1.5.4-2]") {
  CHECK(connect_text("0004'MQTT' 04 02 0000 0001 FF") == malformed);
  CHECK(connect_text("0004'MQTT' 04 02 0000 0001 00") == malformed);
  CHECK(connect_text("0004'MQTT' 04 06 0000 0000 0001 80 0000") == malformed);
  CHECK(connect_text("0004'MQTT' 04 82 0000 0000 0001 C0") == malformed);
  // Password and Will Payload are binary (3.1.3.3, 3.1.3.6).
  CHECK(connect_text("0004'MQTT' 04 C6 0000 0000 0001'w' 0001 FF 0000 0001 FF")
          .starts_with("CONNECT"));
}

TEST_CASE("CONNECT of 5.0 has its Remaining Length in the shortest form "
          "[MQTT-1.5.5-1]") {
  constexpr auto v5 = protocol_version::v5;
  CHECK(decoded_text("10 8D 00 0004'MQTT' 05 02 0000 00 0000", v5)
        == malformed);
  CHECK(decoded_text("10 8C 00 0004'MQTT' 04 02 0000 0000", v5)
          .starts_with("CONNECT"));
}

} // namespace decode_connect_test
