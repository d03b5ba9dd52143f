#include "protocol/session/handshake.hpp"

#include "protocol/encoder.hpp"
#include "test/support/hex.hpp"
#include "test/support/session_auth.hpp"
#include "test/support/session_fixture.hpp"

#include <doctest/doctest.h>

#include <optional>
#include <string>
#include <utility>

namespace session_handshake_test {

using namespace hetzel::mqtt;
using namespace hetzel::test;
using status = handshake::status;

namespace {

constexpr auto connect_v3_1 = "10 0F 0006 'MQIsdp' 03 02 003C 0001 'c'";
constexpr auto connect_v3_1_1 = "10 0D 0004 'MQTT' 04 02 003C 0001 'c'";
constexpr auto connect_v5 = "10 0E 0004 'MQTT' 05 02 003C 00 0001 'c'";

/// A peer that has just arrived.
class arrival {
public:
  session_limits limits;
  open_door door;

  status receive(std::string_view notation) {
    if (!core_)
      core_.emplace(limits, door, &methods_);
    unread += hex(notation);
    bytes_view buffer = unread;
    auto result = core_->on_bytes(buffer);
    unread = std::string{buffer};
    return result;
  }

  /// CONNECT of 5.0 with the method "steps", that data, and more properties.
  status authenticate(std::string_view data, std::string_view properties = {}) {
    std::string coded = hex(properties);
    property_writer{coded}
      .value(property_id::authentication_method, "steps")
      .value(property_id::authentication_data, data);
    connect packet;
    packet.version = protocol_version::v5;
    packet.client_id = "c";
    packet.properties = property_view{coded};
    std::string bytes;
    encode(packet, bytes);
    return receive(to_hex(bytes));
  }

  /// What goes to the peer, in hex.
  std::string sent() { return to_hex(std::exchange(core_->output(), {})); }
  handshake& core() { return *core_; }

  std::string unread;

private:
  steps_auth methods_;
  std::optional<handshake> core_;
};

std::string bytes(std::string_view notation) { return to_hex(hex(notation)); }

/// What a peer gets that sends this and is refused.
std::string refusal(std::string_view notation,
                    const session_limits& limits = {}) {
  arrival peer;
  peer.limits = limits;
  REQUIRE(peer.receive(notation) == status::refused);
  return peer.sent();
}

std::string refused_as(reason_code code, std::string_view notation) {
  arrival peer;
  peer.door.answer = code;
  REQUIRE(peer.receive(notation) == status::refused);
  CHECK(peer.core().reason() == code);
  return peer.sent();
}

} // namespace

// -- CONNECT ----------------------------------------------------------------

TEST_CASE("a CONNECT of each version is admitted") {
  for (auto* notation : {connect_v3_1, connect_v3_1_1, connect_v5}) {
    arrival peer;
    REQUIRE(peer.receive(notation) == status::admitted);
    CHECK(peer.sent().empty());
    CHECK(peer.door.asked == 1);
    auto request = peer.core().take_request();
    CHECK(request->client_id == "c");
    CHECK_FALSE(request->client_id_assigned);
    CHECK(request->keep_alive == std::chrono::seconds{60});
    CHECK(request->packet.clean_start);
  }
}

TEST_CASE("a request views its own bytes, not the buffer they came in") {
  arrival peer;
  REQUIRE(peer.receive(connect_v5) == status::admitted);
  auto request = peer.core().take_request();
  peer.unread.assign(100, 'x');
  CHECK(request->packet.client_id == "c");
}

TEST_CASE("CONNECT may arrive byte by byte") {
  arrival peer;
  auto all = hex(connect_v5);
  for (std::size_t i = 0; i + 1 < all.size(); ++i)
    REQUIRE(peer.receive(to_hex(all.substr(i, 1))) == status::pending);
  CHECK(peer.receive(to_hex(all.substr(all.size() - 1))) == status::admitted);
}

TEST_CASE("what a client sends ahead of CONNACK stays for its session "
          "[MQTT-3.1.4-5]") {
  arrival peer;
  CHECK(peer.receive(std::string{connect_v5} + "C0 00 30") == status::admitted);
  CHECK(to_hex(peer.unread) == "C0 00 30");
}

TEST_CASE("whoever does not begin with CONNECT is not read to the end "
          "[MQTT-3.1.0-1]") {
  CHECK(refusal("C0").empty());
  CHECK(refusal("30 FF").empty());
  CHECK(refusal("'GET / HTTP/1.1'").empty());
  CHECK(refusal("16 03 01").empty()); // TLS
  CHECK(refusal("F0 00").empty());
}

TEST_CASE("an unknown protocol level is refused in the form its client may "
          "read [MQTT-3.1.2-2] [3.1.1 MQTT-3.1.2-2]") {
  CHECK(refusal("10 07 0004 'MQTT' 06") == "20 03 00 84 00");
  CHECK(refusal("10 07 0004 'MQTT' 03") == "20 02 00 01");
  CHECK(refusal("10 09 0006 'MQIsdp' 04") == "20 02 00 01");
}

TEST_CASE("an unknown protocol name gets no answer [MQTT-3.1.2-1]") {
  CHECK(refusal("10 0E 0004 'MQTX' 05 02 003C 00 0001 'c'").empty());
  CHECK(refusal("10 00").empty());
}

TEST_CASE("a malformed CONNECT is answered in 5.0 and dropped in 3.x "
          "[MQTT-3.1.2-3] [MQTT-4.13.1-1]") {
  // The reserved flag is set.
  CHECK(refusal("10 0E 0004 'MQTT' 05 03 003C 00 0001 'c'")
        == "20 03 00 81 00");
  CHECK(refusal("10 0D 0004 'MQTT' 04 03 003C 0001 'c'").empty());
  // The client id is cut short; bytes are left over.
  CHECK(refusal("10 0D 0004 'MQTT' 05 02 003C 00 0001") == "20 03 00 81 00");
  CHECK(refusal("10 0F 0004 'MQTT' 05 02 003C 00 0001 'cc'")
        == "20 03 00 81 00");
  // Receive Maximum is zero.
  CHECK(refusal("10 11 0004 'MQTT' 05 02 003C 03 21 0000 0001 'c'")
        == "20 03 00 82 00");
}

TEST_CASE("a CONNECT that is too large is refused from its first bytes") {
  session_limits limits;
  limits.connect_size_max = 15;
  CHECK(refusal("10 0E 0004 'MQTT' 05", limits) == "20 03 00 95 00");
  CHECK(refusal("10 0E 0004 'MQTT' 04", limits).empty());
  CHECK(refusal("10 0E", limits).empty()); // nobody knows what it speaks
  limits.connect_size_max = 16;
  arrival peer;
  peer.limits = limits;
  CHECK(peer.receive(connect_v5) == status::admitted);
}

TEST_CASE("the packet size limit bounds CONNECT too") {
  session_limits limits;
  limits.packet_size_max = 15;
  CHECK(refusal(connect_v5, limits) == "20 03 00 95 00");
}

TEST_CASE("a Remaining Length of five bytes is malformed [MQTT-1.5.5-1]") {
  CHECK(refusal("10 80 80 80 80 01 0004 'MQTT' 05") == "20 03 00 81 00");
}

// -- admission --------------------------------------------------------------

TEST_CASE("a refusal has the code of the client's version "
          "[MQTT-3.2.2-7] (3.1.1, 3.2.2.3)") {
  using enum reason_code;
  struct {
    reason_code code;
    std::string v3;
    std::string v5;
  } const cases[] = {
    {bad_user_name_or_password, "20 02 00 04", "20 03 00 86 00"},
    {not_authorized, "20 02 00 05", "20 03 00 87 00"},
    {server_unavailable, "20 02 00 03", "20 03 00 88 00"},
    {server_busy, "20 02 00 03", "20 03 00 89 00"},
    {banned, "20 02 00 05", "20 03 00 8A 00"},
  };
  for (const auto& [code, v3, v5] : cases) {
    CHECK(refused_as(code, connect_v3_1) == v3);
    CHECK(refused_as(code, connect_v3_1_1) == v3);
    CHECK(refused_as(code, connect_v5) == v5);
  }
}

TEST_CASE("a code that CONNACK has not is told as not authorized (3.2.2.2)") {
  arrival peer;
  peer.door.answer = reason_code::message_rate_too_high;
  CHECK(peer.receive(connect_v5) == status::refused);
  CHECK(peer.sent() == "20 03 00 87 00");
}

TEST_CASE("nobody is asked about a CONNECT that breaks a rule") {
  arrival peer;
  peer.limits.client_id_size_max = 0;
  CHECK(peer.receive(connect_v3_1_1) == status::refused);
  CHECK(peer.door.asked == 0);
  CHECK(peer.sent() == "20 02 00 02");
}

TEST_CASE("a client without an id is given one [MQTT-3.1.3-6]") {
  for (auto* notation : {"10 0C 0004 'MQTT' 04 02 003C 0000",
                         "10 0D 0004 'MQTT' 05 02 003C 00 0000"}) {
    arrival peer;
    REQUIRE(peer.receive(notation) == status::admitted);
    auto request = peer.core().take_request();
    CHECK(request->client_id == "anon-1");
    CHECK(request->client_id_assigned);
  }
}

TEST_CASE("a client that wants to find its session again must name it "
          "[3.1.1 MQTT-3.1.3-8]") {
  CHECK(refusal("10 0C 0004 'MQTT' 04 00 003C 0000") == "20 02 00 02");
  CHECK(refusal("10 0E 0006 'MQIsdp' 03 02 003C 0000") == "20 02 00 02");
}

TEST_CASE("a will with a wildcard is refused in 5.0 and dropped in 3.x "
          "[MQTT-4.7.0-1]") {
  CHECK(refusal("10 12 0004 'MQTT' 04 06 003C 0001 'c' 0001 '#' 0000").empty());
  CHECK(refusal("10 14 0004 'MQTT' 05 06 003C 00 0001 'c' 00 0001 '#' 0000")
        == bytes("20 1D 00 90 1A 1F 0017 'will topic is not valid'"));
}

TEST_CASE("a reason string is sent when it is wanted and fits "
          "[MQTT-3.2.2-19] [MQTT-3.1.2-24]") {
  auto refused = [](std::string_view properties) {
    auto coded = hex(properties);
    connect packet;
    packet.version = protocol_version::v5;
    packet.properties = property_view{coded};
    std::string out;
    write_refusal(packet, {reason_code::not_authorized, "why", {}}, out);
    return to_hex(out);
  };
  auto with_reason = bytes("20 09 00 87 06 1F 0003 'why'");
  CHECK(refused("") == with_reason);
  CHECK(refused("17 01") == with_reason);
  CHECK(refused("17 00") == "20 03 00 87 00");
  CHECK(refused("27 0000 000B") == with_reason);
  CHECK(refused("27 0000 000A") == "20 03 00 87 00");
  CHECK(refused("27 0000 0005") == "20 03 00 87 00");
  CHECK(refused("27 0000 0004").empty());
}

TEST_CASE("a judgement may come later; nothing is read meanwhile") {
  arrival peer;
  peer.door.is_slow = true;
  REQUIRE(peer.receive(std::string{connect_v5} + "C0 00")
          == status::deciding);
  CHECK(peer.unread == hex("C0 00"));
  CHECK(peer.sent().empty());
  CHECK(peer.core().request().client_id == "c");
  CHECK(peer.core().on_judged({}) == status::admitted);
}

TEST_CASE("a later refusal may name a reason and another server (3.2.2.3)") {
  arrival peer;
  peer.door.is_slow = true;
  REQUIRE(peer.receive(connect_v5) == status::deciding);
  CHECK(peer.core().on_judged({reason_code::use_another_server, "full", "b"})
        == status::refused);
  CHECK(peer.sent() == bytes("20 0E 00 9C 0B 1C 0001 'b' 1F 0004 'full'"));
  CHECK(peer.core().reason() == reason_code::use_another_server);
}

TEST_CASE("who proved itself by a method is judged like all others") {
  arrival peer;
  peer.door.answer = reason_code::banned;
  CHECK(peer.authenticate("ok") == status::refused);
  CHECK(peer.door.asked_method == "steps");
  CHECK(peer.sent() == "20 03 00 8A 00");
}

// -- enhanced authentication ------------------------------------------------

TEST_CASE("a method decides instead of the credentials, step by step "
          "[MQTT-4.12.0-2]") {
  arrival peer;
  REQUIRE(peer.authenticate("a") == status::pending);
  CHECK(peer.sent() == bytes("F0 0F 18 0D 15 0005 'steps' 16 0002 'a?'"));
  REQUIRE(peer.receive("F0 0F 18 0D 15 0005 'steps' 16 0002 'ok'")
          == status::admitted);
  CHECK(peer.sent().empty());
  CHECK(peer.door.asked_method == "steps");
  auto request = peer.core().take_request();
  CHECK(request->auth_method == "steps");
  CHECK(request->auth_data == "welcome c");
}

TEST_CASE("a method may be content with CONNECT alone") {
  arrival peer;
  CHECK(peer.authenticate("ok") == status::admitted);
  CHECK(peer.sent().empty());
}

TEST_CASE("a method that says no refuses the CONNECT [MQTT-4.12.0-4]") {
  arrival peer;
  CHECK(peer.authenticate("no", "17 00") == status::refused);
  CHECK(peer.sent() == "20 03 00 87 00");
  arrival odd;
  CHECK(odd.authenticate("odd", "17 00") == status::refused);
  CHECK(odd.sent() == "20 03 00 87 00");
  CHECK(odd.core().reason() == reason_code::not_authorized);
}

TEST_CASE("a method that nobody offers refuses the CONNECT "
          "[MQTT-4.12.0-1]") {
  CHECK(refusal("10 14 0004 'MQTT' 05 02 003C 06 17 00 15 0001 'M' 0001 'c'")
        == "20 03 00 8C 00");
}

TEST_CASE("before CONNACK only AUTH and DISCONNECT may follow "
          "[MQTT-3.1.2-30]") {
  for (auto* notation :
       {"C0 00", connect_v5, "30 04 0001 'a' 00",
        // It would be wrong at any time: its alias is zero.
        "30 07 0001 'a' 03 23 0000"}) {
    arrival peer;
    REQUIRE(peer.authenticate("a", "17 00") == status::pending);
    peer.sent();
    CHECK(peer.receive(notation) == status::refused);
    CHECK(peer.sent() == "20 03 00 82 00");
  }
}

TEST_CASE("a client may leave in the midst of an authentication") {
  arrival peer;
  REQUIRE(peer.authenticate("a") == status::pending);
  peer.sent();
  CHECK(peer.receive("E0 00") == status::refused);
  CHECK(peer.sent().empty());
  CHECK(peer.core().reason() == reason_code::success);
}

TEST_CASE("AUTH that is not the next step is a protocol error "
          "[MQTT-4.12.0-5] [MQTT-4.12.0-3]") {
  for (auto* notation : {"F0 0F 18 0D 15 0005 'other' 16 0002 'ok'",
                         "F0 0F 19 0D 15 0005 'steps' 16 0002 'ok'",
                         "F0 0F 00 0D 15 0005 'steps' 16 0002 'ok'",
                         "F0 00"}) {
    arrival peer;
    REQUIRE(peer.authenticate("a", "17 00") == status::pending);
    peer.sent();
    CHECK(peer.receive(notation) == status::refused);
    CHECK(peer.sent() == "20 03 00 82 00");
  }
}

TEST_CASE("a malformed or oversized packet ends an authentication") {
  arrival peer;
  peer.limits.connect_size_max = 100;
  REQUIRE(peer.authenticate("a", "17 00") == status::pending);
  peer.sent();
  CHECK(peer.receive("F0 63") == status::refused);
  CHECK(peer.sent() == "20 03 00 95 00");
  arrival other;
  REQUIRE(other.authenticate("a", "17 00") == status::pending);
  other.sent();
  CHECK(other.receive("F1 00") == status::refused);
  CHECK(other.sent() == "20 03 00 81 00");
}

TEST_CASE("a challenge keeps to the client's Maximum Packet Size "
          "[MQTT-3.1.2-24]") {
  arrival peer;
  CHECK(peer.authenticate("long", "27 0000 0064 17 00") == status::refused);
  CHECK(peer.sent() == "20 03 00 95 00");
  arrival roomy;
  CHECK(roomy.authenticate("long") == status::pending);
}

} // namespace session_handshake_test
