#include "actors/node/config/setting.hpp"

#include <doctest/doctest.h>

namespace setting_test {

using hetzel::node::problem;

TEST_CASE("a problem is one line of place, key and fault; what is not known "
          "is left out") {
  CHECK(problem{"f:1", "key", "is wrong"}.to_string() == "f:1: key: is wrong");
  CHECK(problem{"f:1", "", "is wrong"}.to_string() == "f:1: is wrong");
  CHECK(problem{"", "key", "is wrong"}.to_string() == "key: is wrong");
  CHECK(problem{"", "", "is wrong"}.to_string() == "is wrong");
}

} // namespace setting_test
