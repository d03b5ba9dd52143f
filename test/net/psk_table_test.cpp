#include "actors/net/tls/psk_table.hpp"

#include "test/support/temporary_directory.hpp"

#include <doctest/doctest.h>

#include <fstream>
#include <string>

namespace psk_table_test {

using hetzel::net::psk_table;

namespace {

std::string fault_of(std::string_view text, char separator = ':') {
  const auto table = psk_table::parse(text, separator);
  return table ? std::string{} : table.error();
}

} // namespace

TEST_CASE("each line is an identity and its key, to the byte") {
  const auto table
    = psk_table::parse("# clients\n\njules: a:b \r\nother:key", ':');
  REQUIRE(table);
  CHECK(table->size() == 2);
  CHECK(table->key_of("jules") == " a:b ");
  CHECK(table->key_of("other") == "key");
  CHECK(table->key_of("nobody").empty());
}

TEST_CASE("the separator is the operator's") {
  const auto table = psk_table::parse("a:b|key\n", '|');
  REQUIRE(table);
  CHECK(table->key_of("a:b") == "key");
}

TEST_CASE("what is wrong is told with its line, and without what stands "
          "there") {
  CHECK(fault_of("a:b\nsecret\n") == "line 2: there is no separator");
  CHECK(fault_of(":secret\n")
        == "line 1: an identity has 1 to 128 characters");
  CHECK(fault_of(std::string(129, 'i') + ":secret")
        == "line 1: an identity has 1 to 128 characters");
  CHECK(fault_of("a:\n") == "line 1: a key has 1 to 256 characters");
  CHECK(fault_of("a:" + std::string(257, 'k'))
        == "line 1: a key has 1 to 256 characters");
  CHECK(fault_of("a:1\nb:2\na:3\n")
        == "line 3: the identity has a key already");
}

TEST_CASE("a file that cannot be read is named") {
  const hetzel::test::temporary_directory folder;
  const auto path = folder.path("psk");
  const auto absent = psk_table::read(path, ':');
  REQUIRE_FALSE(absent);
  CHECK(absent.error() == path + ": No such file or directory");
  CHECK_FALSE(psk_table::read(folder.path(), ':'));
  std::ofstream(path) << "a:b\nc\n";
  const auto broken = psk_table::read(path, ':');
  REQUIRE_FALSE(broken);
  CHECK(broken.error() == path + ": line 2: there is no separator");
  std::ofstream(path) << "a:b\n";
  CHECK(psk_table::read(path, ':'));
}

} // namespace psk_table_test
