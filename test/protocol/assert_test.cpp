#include "protocol/assert.hpp"

#include <doctest/doctest.h>

#include <string_view>

namespace assert_test {

TEST_CASE("a broken assertion throws with its expression and place, in "
          "release builds too") {
  auto three = 3;
  try {
    HETZEL_ASSERT(three == 4);
    FAIL("did not throw");
  } catch (const hetzel::assertion_failed& why) {
    CHECK(std::string_view(why.expression()) == "three == 4");
    CHECK(std::string_view(why.file()).ends_with("assert_test.cpp"));
    CHECK(why.line() > 0);
    auto text = std::string_view(why.what());
    CHECK(text.find("three == 4") != text.npos);
    CHECK(text.find("assert_test.cpp:") != text.npos);
  }
}

TEST_CASE("an assertion evaluates its condition once") {
  auto count = 0;
  HETZEL_ASSERT(++count == 1);
  CHECK(count == 1);
}

} // namespace assert_test
