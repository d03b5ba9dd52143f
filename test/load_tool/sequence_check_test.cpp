#include "test/load/sequence_check.hpp"

#include <doctest/doctest.h>

#include <initializer_list>

namespace sequence_check_test {

using namespace hetzel::test::load;

namespace {

sequence_check after(std::initializer_list<std::uint32_t> numbers) {
  sequence_check check;
  for (const auto number : numbers)
    check.on_arrival(number);
  return check;
}

} // namespace

TEST_CASE("numbers in order are neither lost, late nor duplicate") {
  const auto check = after({0, 1, 2, 3});
  CHECK(check.lost(4) == 0);
  CHECK(check.late() == 0);
  CHECK(check.duplicates() == 0);
}

TEST_CASE("what was skipped or never came at the end is lost") {
  const auto check = after({0, 3, 4});
  CHECK(check.lost(5) == 2);
  CHECK(check.lost(7) == 4);
  CHECK(check.late() == 0);
}

TEST_CASE("a skipped number that comes later broke the order") {
  auto check = after({0, 1, 5});
  CHECK(check.on_arrival(3) == arrival::late);
  CHECK(check.lost(6) == 2);
  CHECK(check.on_arrival(2) == arrival::late);
  CHECK(check.on_arrival(4) == arrival::late);
  CHECK(check.lost(6) == 0);
  CHECK(check.late() == 3);
  CHECK(check.duplicates() == 0);
}

TEST_CASE("a number seen before is a duplicate, also of a late one") {
  auto check = after({0, 1, 3, 2});
  CHECK(check.on_arrival(2) == arrival::duplicate);
  CHECK(check.on_arrival(0) == arrival::duplicate);
  CHECK(check.duplicates() == 2);
  CHECK(check.late() == 1);
}

TEST_CASE("gaps beyond the bound stay counted as lost") {
  sequence_check check;
  const auto count = static_cast<std::uint32_t>(sequence_check::gaps_max) + 9;
  for (std::uint32_t i = 0; i < count; ++i)
    check.on_arrival(2 * i + 1);
  CHECK(check.lost(2 * count) == count);
  CHECK(check.on_arrival(0) == arrival::duplicate);
  CHECK(check.on_arrival(2 * count - 2) == arrival::late);
}

} // namespace sequence_check_test
