#include "protocol/expected.hpp"

#include <doctest/doctest.h>

#include <memory>
#include <string>

namespace expected_test {

using namespace hetzel::mqtt;

namespace {

enum class fault { none, small, large };

struct point {
  int x = 1;
  int y = 2;
  bool operator==(const point&) const = default;
};

expected<int, fault> halve(int number) {
  if (number < 2)
    return unexpected(fault::small);
  return number / 2;
}

constexpr expected<int, fault> constant(bool good) {
  if (good)
    return 7;
  return unexpected(fault::large);
}

constexpr auto good_constant = constant(true);
constexpr auto bad_constant = constant(false);
static_assert(good_constant && *good_constant == 7);
static_assert(!bad_constant && bad_constant.error() == fault::large);

static_assert(std::is_trivially_copyable_v<expected<point, fault>>);
static_assert(std::is_trivially_destructible_v<expected<point, fault>>);
static_assert(
  !std::is_copy_constructible_v<expected<std::unique_ptr<int>, fault>>);
static_assert(!std::is_convertible_v<int, expected<std::unique_ptr<int>, int>>);

} // namespace

TEST_CASE("an expected holds a value or an error") {
  CHECK(halve(8).has_value());
  CHECK(*halve(8) == 4);
  CHECK(!halve(1).has_value());
  CHECK(halve(1).error() == fault::small);
  CHECK(halve(8).value_or(9) == 4);
  CHECK(halve(0).value_or(9) == 9);
}

TEST_CASE("a default-constructed expected holds a default-constructed value") {
  expected<int, fault> number;
  CHECK(number == 0);
  expected<point, fault> place;
  CHECK(place->y == 2);
  expected<point, fault> quick(default_init);
  CHECK(*quick == point{1, 2});
}

TEST_CASE("value() of an error throws") {
  try {
    static_cast<void>(halve(0).value());
    FAIL("did not throw");
  } catch (const bad_expected_access<fault>& why) {
    CHECK(why.error() == fault::small);
  }
  CHECK(halve(4).value() == 2);
}

TEST_CASE("assignment changes between value and error") {
  auto number = halve(8);
  number = unexpected(fault::large);
  CHECK(number.error() == fault::large);
  number = 3;
  CHECK(*number == 3);
  expected<std::string, std::string> text("value");
  text = unexpected(std::string("a long error that needs memory of its own"));
  CHECK(text.error().size() == 41);
  CHECK(text.emplace(3, 'x') == "xxx");
}

TEST_CASE("values that can only be moved go in and out") {
  expected<std::unique_ptr<int>, std::string> made(std::make_unique<int>(5));
  REQUIRE(made);
  auto moved = std::move(made);
  auto owned = *std::move(moved);
  CHECK(*owned == 5);
  made = unexpected("from a literal");
  CHECK(made.error() == "from a literal");
}

TEST_CASE("expecteds are equal when what they hold is") {
  CHECK(halve(8) == halve(9));
  CHECK(halve(8) != halve(4));
  CHECK(halve(0) == halve(1));
  CHECK(halve(0) != halve(8));
}

TEST_CASE("an expected without value is a success or an error") {
  expected<void, fault> done;
  CHECK(done.has_value());
  CHECK_NOTHROW(done.value());
  done = unexpected(fault::small);
  CHECK(!done);
  CHECK(done.error() == fault::small);
  CHECK_THROWS_AS(done.value(), bad_expected_access<fault>);
  done.emplace();
  CHECK(done == expected<void, fault>());
}

} // namespace expected_test
