#include "actors/runtime/resident_memory.hpp"

#include <doctest/doctest.h>

#include <cstddef>
#include <string>

namespace resident_memory_test {

using hetzel::runtime::resident_memory;

TEST_CASE("the memory of the process grows by what is written to") {
  const auto before = resident_memory();
  REQUIRE(before > 0);
  const std::string used(std::size_t{64} << 20, 'x');
  CHECK(resident_memory() >= before + used.size() / 2);
}

} // namespace resident_memory_test
