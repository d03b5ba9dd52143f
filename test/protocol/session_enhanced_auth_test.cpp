#include "protocol/session/enhanced_auth.hpp"

#include "test/support/hex.hpp"
#include "test/support/session_auth.hpp"

#include <doctest/doctest.h>

#include <string>

namespace session_enhanced_auth_test {

using namespace hetzel::mqtt;
using hetzel::test::hex;
using hetzel::test::steps_auth;
using hetzel::test::to_hex;

namespace {

using enum reason_code;

const steps_auth methods;

enhanced_auth new_auth(bytes_view method = "steps") {
  return {method, "me", &methods};
}

auth_step receive(enhanced_auth& core, reason_code code,
                  std::string_view properties) {
  auto coded = hex(properties);
  return core.on_auth({code, property_view{coded}});
}

constexpr auto ok = "15 0005 'steps' 16 0002 'ok'";
constexpr auto no = "15 0005 'steps' 16 0002 'no'";
constexpr auto more = "15 0005 'steps' 16 0001 'x'";

} // namespace

TEST_CASE("a method nobody offers is bad [MQTT-4.12.0-1]") {
  CHECK(new_auth("kerberos").begin("ok").code == bad_authentication_method);
  enhanced_auth none{"steps", "me", nullptr};
  CHECK(none.begin("ok").code == bad_authentication_method);
}

TEST_CASE("the exchange goes on until the method has had enough "
          "[MQTT-4.12.0-2] [MQTT-4.12.0-3]") {
  auto core = new_auth();
  auto step = core.begin("a");
  CHECK(step.code == continue_authentication);
  CHECK(step.data == "a?");
  step = receive(core, continue_authentication, more);
  CHECK(step.code == continue_authentication);
  CHECK(step.data == "x?");
  step = receive(core, continue_authentication, ok);
  CHECK(step.code == success);
  CHECK(step.data == "welcome me");
}

TEST_CASE("AUTH without data is data of no bytes") {
  auto core = new_auth();
  CHECK(core.begin("a").code == continue_authentication);
  CHECK(receive(core, continue_authentication, "15 0005 'steps'").data == "?");
}

TEST_CASE("an exchange neither changes its method nor starts anew "
          "[MQTT-4.12.0-5]") {
  for (auto code : {success, reauthenticate}) {
    auto core = new_auth();
    CHECK(core.begin("a").code == continue_authentication);
    CHECK(receive(core, code, ok).code == protocol_error);
  }
  auto core = new_auth();
  CHECK(core.begin("a").code == continue_authentication);
  CHECK(receive(core, continue_authentication, "15 0005 'other'").code
        == protocol_error);
  CHECK(receive(core, continue_authentication, "").code == protocol_error);
}

TEST_CASE("after its end only re-authentication starts another exchange "
          "[MQTT-4.12.1-1]") {
  auto core = new_auth();
  CHECK(core.begin("ok").code == success);
  CHECK(receive(core, continue_authentication, ok).code == protocol_error);
  CHECK(receive(core, reauthenticate, "15 0005 'other' 16 0002 'ok'").code
        == protocol_error);
  CHECK(receive(core, reauthenticate, more).code == continue_authentication);
  CHECK(receive(core, continue_authentication, ok).code == success);
  CHECK(receive(core, reauthenticate, no).code == not_authorized);
  CHECK(receive(core, continue_authentication, ok).code == protocol_error);
}

TEST_CASE("AUTH carries method and data, the latter when there is some "
          "[MQTT-4.12.0-5]") {
  std::string out = "before";
  write_auth("M", {continue_authentication, "d"}, out);
  CHECK(to_hex(out)
        == to_hex(hex("'before' F0 0A 18 08 15 0001 'M' 16 0001 'd'")));
  out.clear();
  write_auth("M", {success, {}}, out);
  CHECK(to_hex(out) == to_hex(hex("F0 06 00 04 15 0001 'M'")));
}

} // namespace session_enhanced_auth_test
