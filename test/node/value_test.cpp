#include "actors/node/config/value.hpp"

#include <doctest/doctest.h>

#include <string>

namespace value_test {

using namespace hetzel::node;

namespace {

std::string fault_of(const key_facts& key, std::string_view text) {
  const auto result = parse_value(key, text);
  return result ? "no fault" : result.error();
}

} // namespace

TEST_CASE("a number outside its range is refused with the range") {
  const key_facts key{.name = "k", .kind = value_kind::integer, .min = 1,
                      .max = 9};
  CHECK(parse_value(key, "1")->number == 1);
  CHECK(parse_value(key, "9")->number == 9);
  CHECK(fault_of(key, "0") == "'0' is not within 1…9");
  CHECK_FALSE(parse_value(key, "10"));
}

TEST_CASE("bounds of sizes and durations are shown in their units") {
  const key_facts size{.kind = value_kind::size, .min = 1'024, .max = 1 << 20};
  CHECK(fault_of(size, "1") == "'1' is not within 1KB…1MB");
  const key_facts time{.kind = value_kind::duration, .min = 1,
                       .max = 60'000, .unit = "ms"};
  CHECK(parse_value(time, "1m")->number == 60'000);
  CHECK(fault_of(time, "2m") == "'2m' is not within 1ms…1m");
}

TEST_CASE("the word for no limit is accepted, and named in the fault") {
  const key_facts key{.kind = value_kind::expiry, .off = "never"};
  CHECK(parse_value(key, "never")->off);
  CHECK_FALSE(parse_value(key, "1d")->off);
  CHECK(fault_of(key, "soon").ends_with(", nor never"));
  const key_facts minus{.kind = value_kind::integer, .off = "-1", .max = 5};
  CHECK(parse_value(minus, "-1")->off);
  CHECK_FALSE(parse_value(minus, "-2"));
}

TEST_CASE("a choice is one of its words; the value is the position") {
  const key_facts key{.kind = value_kind::choice, .words = "fifo lifo"};
  CHECK(parse_value(key, "fifo")->number == 0);
  CHECK(parse_value(key, "lifo")->number == 1);
  CHECK(fault_of(key, "filo") == "'filo' is none of fifo lifo");
  CHECK_FALSE(parse_value(key, "fifo lifo"));
  CHECK_FALSE(parse_value(key, ""));
}

TEST_CASE("a list of protocol versions holds known ones, brackets optional "
          "[spec config 4.3]") {
  const key_facts key{.kind = value_kind::versions};
  CHECK(parse_value(key, "5,3, 4")->numbers == std::vector<std::int64_t>{3, 4,
                                                                         5});
  CHECK(parse_value(key, "[3,131]")->numbers.size() == 2);
  CHECK_FALSE(parse_value(key, ""));
  CHECK_FALSE(parse_value(key, "3,,4"));
  CHECK(fault_of(key, "3,6") == "'6' is none of 3, 4, 5, 131 and 132");
}

TEST_CASE("buffer sizes are two or three [spec config 4.3]") {
  const key_facts key{.kind = value_kind::sizes, .off = "off", .min = 1'024,
                      .max = 1 << 20};
  CHECK(parse_value(key, "4096,16KB,32768")->numbers[1] == 16'384);
  CHECK(parse_value(key, "4096,16384")->numbers.size() == 2);
  CHECK(parse_value(key, "off")->off);
  CHECK_FALSE(parse_value(key, "4096"));
  CHECK_FALSE(parse_value(key, "1,2,3,4"));
  CHECK_FALSE(parse_value(key, "4096,1"));
}

TEST_CASE("a node name is name@host [spec config 7]") {
  const key_facts key{.kind = value_kind::node_name};
  CHECK(parse_value(key, "hetzel@127.0.0.1")->text == "hetzel@127.0.0.1");
  for (const auto* wrong : {"", "hetzel", "@host", "hetzel@", "a@b@c", "a@b c"})
    CHECK_FALSE(parse_value(key, wrong));
}

TEST_CASE("an address is taken apart into address and port") {
  const key_facts key{.kind = value_kind::address};
  const auto parsed = parse_value(key, "[::1]:8883");
  REQUIRE(parsed);
  CHECK(parsed->text == "::1");
  CHECK(parsed->number == 8883);
}

TEST_CASE("paths and texts keep what was written") {
  const key_facts path{.kind = value_kind::path};
  CHECK(parse_value(path, "/var/lib/hetzel")->text == "/var/lib/hetzel");
  CHECK_FALSE(parse_value(path, "  "));
  const key_facts text{.kind = value_kind::text, .max = 3};
  CHECK(parse_value(text, "")->text.empty());
  CHECK(parse_value(text, "abc")->text == "abc");
  CHECK_FALSE(parse_value(text, "abcd"));
}

TEST_CASE("networks are kept as written when all of them can be read") {
  const key_facts key{.name = "k", .kind = value_kind::networks};
  CHECK(parse_value(key, " 10.0.0.0/8; ::1 ")->text == "10.0.0.0/8; ::1");
  CHECK(parse_value(key, "none")->text == "none");
  const auto wrong = parse_value(key, "10.0.0.0/8,10.0.0.1/8");
  REQUIRE_FALSE(wrong);
  CHECK(wrong.error() == "'10.0.0.1/8' has bits behind its prefix");
}

TEST_CASE("permissions of a file are octal") {
  const key_facts key{.name = "k", .kind = value_kind::mode};
  CHECK(parse_value(key, "0660")->number == 0660);
  CHECK(parse_value(key, " 777 ")->number == 0777);
  for (const auto* wrong : {"", "0668", "1000", "rw", "-1", "0x7"})
    CHECK_FALSE(parse_value(key, wrong));
}

TEST_CASE("the fault of a secret does not cite it") {
  const key_facts key{.kind = value_kind::integer, .secret = true};
  CHECK(fault_of(key, "hunter2") == "has a value of the wrong form");
}

TEST_CASE("every kind says what it accepts") {
  for (const auto kind :
       {value_kind::flag, value_kind::integer, value_kind::size,
        value_kind::duration, value_kind::expiry, value_kind::choice,
        value_kind::text, value_kind::path, value_kind::node_name,
        value_kind::address, value_kind::versions, value_kind::sizes})
    CHECK_FALSE(describe_kind({.kind = kind, .unit = "s"}).empty());
}

} // namespace value_test
