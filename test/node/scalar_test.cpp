#include "actors/node/config/scalar.hpp"

#include <doctest/doctest.h>

#include <string>

namespace scalar_test {

using namespace hetzel::node;

namespace {

constexpr std::int64_t second = 1'000;
constexpr std::int64_t hour = 3'600 * second;

std::string fault_of(const number_or_fault& result) {
  return result ? "no fault" : result.error();
}

} // namespace

TEST_CASE("a flag is on, off, true or false [spec config 1.2]") {
  CHECK(*parse_flag("on") == 1);
  CHECK(*parse_flag("off") == 0);
  CHECK(*parse_flag(" true ") == 1);
  CHECK(*parse_flag("false") == 0);
  for (const auto* wrong : {"", "yes", "1", "ON", "onoff"})
    CHECK_FALSE(parse_flag(wrong));
  CHECK(fault_of(parse_flag("yes")) == "'yes' is neither on nor off");
}

TEST_CASE("an integer is decimal and whole [spec config 1.2]") {
  CHECK(*parse_integer("65535") == 65'535);
  CHECK(*parse_integer("-1") == -1);
  for (const auto* wrong :
       {"", "-", "ten", "1.5", "0x10", "12a", "1 2", "9223372036854775808"})
    CHECK_FALSE(parse_integer(wrong));
}

TEST_CASE("a size counts bytes, KB, MB or GB in any case [spec config 1.2]") {
  CHECK(*parse_size("512") == 512);
  CHECK(*parse_size("64KB") == 65'536);
  CHECK(*parse_size("64kb") == 65'536);
  CHECK(*parse_size("2 MB") == 2 << 20);
  CHECK(*parse_size("3GB") == std::int64_t{3} << 30);
  for (const auto* wrong :
       {"", "KB", "1TB", "1KBs", "-1", "-1KB", "1.5MB", "9999999999999GB"})
    CHECK_FALSE(parse_size(wrong));
}

TEST_CASE("a duration adds its parts up [spec config 1.2]") {
  CHECK(*parse_duration("500ms", "s") == 500);
  CHECK(*parse_duration("20s", "ms") == 20 * second);
  CHECK(*parse_duration("1h30m", "s") == hour + 30 * 60 * second);
  CHECK(*parse_duration("2d", "s") == 48 * hour);
  CHECK(*parse_duration("1w", "s") == 7 * 24 * hour);
  CHECK(*parse_duration("1f", "s") == 14 * 24 * hour);
  for (const auto* wrong :
       {"", "s", "1x", "1h30", "30 1h", "-5s", "1.5s", "999999999999999999w"})
    CHECK_FALSE(parse_duration(wrong, "s"));
}

TEST_CASE("an integer without unit counts the key's own unit") {
  CHECK(*parse_duration("5000", "ms") == 5'000);
  CHECK(*parse_duration("20", "s") == 20 * second);
  CHECK(*parse_duration("0", "s") == 0);
}

TEST_CASE("in an expiry m is 28 days and y is 336 days [spec config 3]") {
  CHECK(*parse_expiry("30s") == 30);
  CHECK(*parse_expiry("2h") == 7'200);
  CHECK(*parse_expiry("1d") == 86'400);
  CHECK(*parse_expiry("1w") == 604'800);
  CHECK(*parse_expiry("1m") == 28 * 86'400);
  CHECK(*parse_expiry("1y") == 336 * 86'400);
  for (const auto* wrong : {"", "1", "d", "1ms", "1d1h", "-1d"})
    CHECK_FALSE(parse_expiry(wrong));
}

TEST_CASE("an address is IPv4 or IPv6 with a port behind the last colon "
          "[spec config 1.2]") {
  const auto v4 = parse_endpoint("127.0.0.1:1883");
  REQUIRE(v4);
  CHECK(v4->address == "127.0.0.1");
  CHECK(v4->port == 1883);
  const auto bracketed = parse_endpoint("[::1]:0");
  REQUIRE(bracketed);
  CHECK(bracketed->address == "::1");
  CHECK(bracketed->port == 0);
  const auto bare = parse_endpoint("::1:1883");
  REQUIRE(bare);
  CHECK(bare->address == "::1");
  CHECK(bare->port == 1883);
  for (const auto* wrong :
       {"", "1883", ":1883", "localhost:1883", "127.0.0.1", "127.0.0.1:",
        "127.0.0.1:65536", "127.0.0.1:-1", "127.0.0.1:mqtt", "[127.0.0.1]:1",
        "[::1:1883", "300.0.0.1:1"})
    CHECK_FALSE(parse_endpoint(wrong));
}

TEST_CASE("a local socket is named by its path [spec config 1.2]") {
  for (const auto* form : {"local:/run/h.sock:0", " local:/run/h.sock "}) {
    const auto local = parse_endpoint(form);
    REQUIRE(local);
    CHECK(local->address == "/run/h.sock");
    CHECK(local->port == 0);
  }
  CHECK(parse_endpoint("local:/" + std::string(106, 'x') + ":0"));
  for (const auto& wrong :
       {std::string("local:"), std::string("local:run/h.sock:0"),
        "local:/" + std::string(107, 'x') + ":0"})
    CHECK_FALSE(parse_endpoint(wrong));
}

TEST_CASE("sizes and durations are written so that they read back") {
  CHECK(format_size(65'536) == "64KB");
  CHECK(format_size(1'000) == "1000");
  CHECK(format_duration(90 * second) == "1m30s");
  CHECK(format_duration(24 * hour) == "1d");
  CHECK(format_duration(0) == "0s");
  for (const std::int64_t bytes : {0, 1, 1'023, 1'024, 1 << 20, 3 << 20})
    CHECK(*parse_size(format_size(bytes)) == bytes);
  for (const std::int64_t ms : {1, 999, 61'001, 86'400'001})
    CHECK(*parse_duration(format_duration(ms), "s") == ms);
}

TEST_CASE("a list is split at its separator, blanks cut off") {
  CHECK(split("a, b ,c", ',').size() == 3);
  CHECK(split("a, b ,c", ',')[1] == "b");
  CHECK(split("", ',').size() == 1);
  CHECK(trim("  ").empty());
}

} // namespace scalar_test
