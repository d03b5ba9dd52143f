#include "actors/node/test_auth_method.hpp"

#include <doctest/doctest.h>

namespace test_auth_method_test {

using namespace hetzel;
using mqtt::reason_code;
using node::make_test_auth_methods;

TEST_CASE("the test method challenges, checks the answer and welcomes "
          "(4.12)") {
  const auto methods = make_test_auth_methods();
  const auto exchange = methods->start("HETZEL-TEST", "client");
  REQUIRE(exchange);
  const auto challenge = exchange->on_data("");
  CHECK(challenge.code == reason_code::continue_authentication);
  CHECK(challenge.data == "challenge");
  const auto welcome = exchange->on_data("egnellahc");
  CHECK(welcome.code == reason_code::success);
  CHECK(welcome.data == "welcome");
}

TEST_CASE("a wrong answer is refused, and tells nothing") {
  const auto methods = make_test_auth_methods();
  for (const char* answer : {"", "challenge", "egnellahc ", "EGNELLAHC"}) {
    const auto exchange = methods->start("HETZEL-TEST", "client");
    static_cast<void>(exchange->on_data(""));
    const auto step = exchange->on_data(answer);
    CHECK(step.code == reason_code::not_authorized);
    CHECK(step.data.empty());
  }
}

TEST_CASE("the right answer before the challenge does not count") {
  const auto exchange
    = make_test_auth_methods()->start("HETZEL-TEST", "client");
  CHECK(exchange->on_data("egnellahc").code
        == reason_code::continue_authentication);
}

TEST_CASE("there is no other method, whatever its case") {
  const auto methods = make_test_auth_methods();
  CHECK(methods->start("SCRAM-SHA-1", "client") == nullptr);
  CHECK(methods->start("hetzel-test", "client") == nullptr);
  CHECK(methods->start("", "client") == nullptr);
}

TEST_CASE("exchanges of two clients do not know of each other") {
  const auto methods = make_test_auth_methods();
  const auto one = methods->start("HETZEL-TEST", "one");
  const auto two = methods->start("HETZEL-TEST", "two");
  static_cast<void>(one->on_data(""));
  CHECK(two->on_data("egnellahc").code
        == reason_code::continue_authentication);
  CHECK(one->on_data("egnellahc").code == reason_code::success);
}

} // namespace test_auth_method_test
