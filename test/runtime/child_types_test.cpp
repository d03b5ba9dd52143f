#include "actors/runtime/child_types.hpp"

#include <doctest/doctest.h>

#include <string>

namespace child_types_test {

using namespace hetzel::runtime;

TEST_CASE("what a child is and does has a word") {
  CHECK(std::string{to_string(restart_policy::transient)} == "transient");
  CHECK(std::string{to_string(child_type::supervisor)} == "supervisor");
  CHECK(std::string{to_string(child_state::stopping)} == "stopping");
}

} // namespace child_types_test
