#include "protocol/encoder.hpp"
#include "test/support/decoding.hpp"
#include "test/support/hex.hpp"

#include <doctest/doctest.h>

namespace decode_control_test {

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

// -- CONNACK -----------------------------------------------------------------

TEST_CASE("a CONNACK in exact bytes (MQTT 5, 3.2)") {
  auto coded = hex("13 000A");
  connack packet{true, reason_code::success, property_view(coded)};
  CHECK(encoded_hex(packet, v3_1) == "20 02 00 00");
  CHECK(encoded_hex(packet, v3_1_1) == "20 02 01 00");
  CHECK(encoded_hex(packet, v5) == "20 06 01 00 03 13 00 0A");
  connack refused{false, reason_code::banned, {}};
  CHECK(encoded_hex(refused, v3_1_1) == "20 02 00 05");
  CHECK(encoded_hex(refused, v5) == "20 03 00 8A 00");
}

TEST_CASE("CONNACK of 3.x has return codes 0 to 5 (MQTT 3.1.1, 3.2.2.3)") {
  const char* names[] = {"success",
                         "unsupported_protocol_version",
                         "client_identifier_not_valid",
                         "server_unavailable",
                         "bad_user_name_or_password",
                         "not_authorized"};
  for (auto code = 0; code < 6; ++code)
    CHECK(decoded_text("20 02 00 0" + std::to_string(code), v3_1_1)
          == std::string("CONNACK session_present=0 code=") + names[code]
               + " properties=[]");
  CHECK(decoded_text("20 02 00 06", v3_1_1) == protocol_fault);
}

TEST_CASE("bits 7 to 1 of the acknowledge flags are reserved "
          "[MQTT-3.2.2-1]") {
  CHECK(decoded_text("20 02 02 00", v3_1_1) == malformed);
  CHECK(decoded_text("20 03 80 00 00", v5) == malformed);
  CHECK(decoded_text("20 02 FF 00", v3_1).starts_with("CONNACK"));
}

TEST_CASE("a refusal has no Session Present [MQTT-3.2.2-6]") {
  CHECK(decoded_text("20 02 01 05", v3_1_1) == protocol_fault);
  CHECK(decoded_text("20 03 01 87 00", v5) == protocol_fault);
}

TEST_CASE("CONNACK has its own reason codes [MQTT-3.2.2-8]") {
  CHECK(decoded_text("20 03 00 8E 00", v5) == protocol_fault);
  CHECK(decoded_text("20 03 00 9C 00", v5)
        == "CONNACK session_present=0 code=use_another_server properties=[]");
}

// -- PINGREQ and PINGRESP ----------------------------------------------------

TEST_CASE("PINGREQ and PINGRESP have no body (MQTT 5, 3.12 and 3.13)") {
  for (auto version : {v3_1, v3_1_1, v5}) {
    CHECK(encoded_hex(pingreq{}, version) == "C0 00");
    CHECK(encoded_hex(pingresp{}, version) == "D0 00");
    CHECK(decoded_text("C0 00", version) == "PINGREQ");
    CHECK(decoded_text("D0 00", version) == "PINGRESP");
    CHECK(decoded_text("C0 01 00", version) == malformed);
    CHECK(decoded_text("D0 01 00", version) == malformed);
  }
  CHECK(decoded_text("C0 80 00", v5) == malformed);
}

// -- DISCONNECT --------------------------------------------------------------

TEST_CASE("a DISCONNECT has three forms in 5.0 (MQTT 5, 3.14.2.1)") {
  CHECK(decoded_text("E0 00", v5) == "DISCONNECT code=success properties=[]");
  CHECK(decoded_text("E0 01 04", v5)
        == "DISCONNECT code=disconnect_with_will_message properties=[]");
  CHECK(decoded_text("E0 07 00 05 11 00000001", v5)
        == "DISCONNECT code=success properties=[17:1'''']");
  CHECK(decoded_text("E0 01 00", v3_1_1) == malformed);
  CHECK(decoded_text("E0 01 01", v5) == protocol_fault);
}

TEST_CASE("a DISCONNECT in exact bytes (MQTT 5, 3.14)") {
  auto coded = hex("1C 0001's'");
  disconnect packet{reason_code::server_moved, property_view(coded)};
  CHECK(encoded_hex(packet, v5) == "E0 06 9D 04 1C 00 01 73");
  CHECK(encoded_hex(packet, v3_1_1) == "E0 00");
  CHECK(encoded_hex(disconnect{reason_code::banned, {}}, v5) == "E0 01 8A");
  CHECK(encoded_hex(disconnect{}, v5) == "E0 00");
}

// -- AUTH --------------------------------------------------------------------

TEST_CASE("an AUTH names its method (MQTT 5, 3.15.2.2.2)") {
  auto coded = hex("15 0001'm'");
  auth packet{reason_code::continue_authentication, property_view(coded)};
  CHECK(encoded_hex(packet, v5) == "F0 06 18 04 15 00 01 6D");
  CHECK(decoded_text("F0 0A 18 08 15 0001'm' 16 0001'd'", v5)
        == "AUTH code=continue_authentication "
           "properties=[21:0'''m' 22:0'''d']");
  CHECK(decoded_text("F0 02 18 00", v5) == protocol_fault);
  CHECK(decoded_text("F0 06 18 04 16 0001'd'", v5) == protocol_fault);
  CHECK(decoded_text("F0 01 18", v5) == malformed);
}

TEST_CASE("an empty AUTH is a success without properties "
          "(MQTT 5, 3.15.2.1)") {
  CHECK(decoded_text("F0 00", v5) == "AUTH code=success properties=[]");
  CHECK(encoded_hex(auth{}, v5) == "F0 00");
}

TEST_CASE("3.x has no AUTH (MQTT 3.1.1, 2.2.1)") {
  CHECK(decoded_text("F0 00", v3_1_1) == malformed);
  CHECK(encoded_hex(auth{}, v3_1_1).empty());
}

TEST_CASE("AUTH has its own reason codes [MQTT-3.15.2-1]") {
  CHECK(decoded_text("F0 06 87 04 15 0001'm'", v5) == protocol_fault);
}

} // namespace decode_control_test
