#include "protocol/session/connack_properties.hpp"

#include "protocol/session/session_expiry.hpp"
#include "test/support/hex.hpp"

#include <doctest/doctest.h>

#include <string>

namespace session_connack_properties_test {

using namespace hetzel::mqtt;
using namespace std::chrono_literals;
using hetzel::test::hex;
using hetzel::test::to_hex;

namespace {

/// A request that was granted all it asked for; `coded` are the properties of
/// its CONNECT and must outlive it.
connect_request request_with(const std::string& coded = {}) {
  connect_request request;
  request.packet.version = protocol_version::v5;
  request.packet.properties = property_view{coded};
  request.session_expiry
    = decode_session_expiry(requested_session_expiry(request.packet));
  return request;
}

std::string answer(const connect_request& request,
                   const session_limits& limits = {}) {
  return to_hex(connack_properties(limits, request));
}

std::string bytes(std::string_view notation) { return to_hex(hex(notation)); }

session_limits with_response_information(std::string text) {
  session_limits limits;
  limits.response_information = std::move(text);
  return limits;
}

} // namespace

TEST_CASE("a client that gets what it asked for is told nothing") {
  CHECK(answer(request_with()).empty());
  CHECK(answer(request_with(hex("11 0000 0E10"))).empty());
  CHECK(answer(request_with(hex("11 FFFF FFFF"))).empty());
}

TEST_CASE("3.x has no properties, whatever was changed") {
  session_limits limits;
  limits.receive_maximum_server = 1;
  auto request = request_with();
  request.packet.version = protocol_version::v3_1_1;
  request.keep_alive_changed = true;
  request.client_id_assigned = true;
  CHECK(answer(request, limits).empty());
}

TEST_CASE("a shorter session expiry is announced, also one of zero "
          "(3.2.2.3.2)") {
  auto asked = hex("11 FFFF FFFF");
  auto request = request_with(asked);
  request.session_expiry = 60s;
  CHECK(answer(request) == bytes("11 0000 003C"));
  request.session_expiry = 0s;
  CHECK(answer(request) == bytes("11 0000 0000"));
}

TEST_CASE("an assigned client id is announced [MQTT-3.1.3-7]") {
  auto request = request_with();
  request.client_id = "anon-1";
  request.client_id_assigned = true;
  CHECK(answer(request) == bytes("12 0006 'anon-1'"));
}

TEST_CASE("another keep alive is announced [MQTT-3.1.2-21]") {
  auto request = request_with();
  request.keep_alive = 300s;
  request.keep_alive_changed = true;
  CHECK(answer(request) == bytes("13 012C"));
}

TEST_CASE("the end of an authentication comes with CONNACK "
          "[MQTT-4.12.0-5]") {
  auto request = request_with();
  request.auth_method = "M";
  CHECK(answer(request) == bytes("15 0001 'M'"));
  request.auth_data = "bye";
  CHECK(answer(request) == bytes("15 0001 'M' 16 0003 'bye'"));
}

TEST_CASE("only limits below the protocol's own are announced") {
  session_limits limits;
  limits.receive_maximum_server = 65'534;
  CHECK(answer(request_with(), limits) == bytes("21 FFFE"));
  limits = {};
  limits.packet_size_max = packet_size_limit - 1;
  CHECK(answer(request_with(), limits) == bytes("27 1000 0003"));
  limits = {};
  limits.topic_alias_maximum_in = 7;
  CHECK(answer(request_with(), limits) == bytes("22 0007"));
}

TEST_CASE("response information goes to a client that asks for it "
          "(3.1.2.11.6)") {
  auto limits = with_response_information("r/c");
  CHECK(answer(request_with(hex("19 01")), limits) == bytes("1A 0003 'r/c'"));
  CHECK(answer(request_with(hex("19 00")), limits).empty());
  CHECK(answer(request_with(), limits).empty());
  CHECK(answer(request_with(hex("19 01"))).empty());
}

TEST_CASE("response information that does not fit is left out, the rest "
          "stays [MQTT-3.1.2-24]") {
  auto limits = with_response_information(std::string(100, 'r'));
  limits.receive_maximum_server = 9;
  auto asked = hex("19 01 27 0000 0040"); // Maximum Packet Size is 64
  CHECK(answer(request_with(asked), limits) == bytes("21 0009"));
}

} // namespace session_connack_properties_test
