#include "persistence/reader.hpp"

#include <doctest/doctest.h>

#include <string>

using hetzel::persistence::behind_prefix;

TEST_CASE("the key behind a prefix is the smallest that is behind all of its "
          "keys") {
  CHECK(behind_prefix("a") == "b");
  CHECK(behind_prefix("a\x7f") == "a\x80");
  CHECK(behind_prefix("a\xff") == "b");
  CHECK(behind_prefix("a\xfe\xff\xff") == "a\xff");
  CHECK(behind_prefix(std::string("\x01\0", 2)) == "\x01\x01");
}

TEST_CASE("there is no key behind the last ones, and none behind all") {
  CHECK(behind_prefix("\xff\xff").empty());
  CHECK(behind_prefix("").empty());
}
