#include "plugins/passwd/password_table.hpp"

#include <doctest/doctest.h>

#include <string>

namespace password_table_test {

using namespace hetzel;
using namespace hetzel::plugins;

namespace {

/// Of "secret".
const std::string quick
  = "$6$MDEyMzQ1Njc4OWFi$qEXipeLbgxRlwd06QHfY5WITkUZg0jLg9SZbXzq3ifXjfj+v3GbJG"
    "rSfC5PAg3UNCS+UFfbhUIZX4bmIAs330w==";
const std::string slow
  = "$7$101$MDEyMzQ1Njc4OWFi$EO/lLlkeUgIiBaS8G8UK0ZMP1u508TA7Tl+AdJ1cEsmlbGyEP"
    "AERErpfq84j1kepISs0UzmcdL4ucgZ2uodxfQ==";

password_table table_of(const std::string& text) {
  auto table = password_table::parse(text);
  REQUIRE(table);
  return std::move(*table);
}

text_fault fault_of(const std::string& text) {
  auto table = password_table::parse(text);
  REQUIRE_FALSE(table);
  return table.error();
}

password_verdict verdict(const password_table& table,
                         std::optional<mqtt::bytes_view> user,
                         std::optional<mqtt::bytes_view> password) {
  return judge_password(table, user, password).verdict;
}

} // namespace

TEST_CASE("a password file has a user per line, empty lines and comments") {
  const auto table = table_of("bob:" + quick + "\r\n\n#eve:" + quick
                              + "\nann b:" + slow);
  CHECK(table.size() == 2);
  CHECK(table.find("bob") != nullptr);
  CHECK(table.find("ann b") != nullptr);
  CHECK(table.find("#eve") == nullptr);
  CHECK(table.find("eve") == nullptr);
  CHECK(table.find("Bob") == nullptr);
}

TEST_CASE("of two lines for one user the last holds") {
  const auto table = table_of("bob:" + slow + "\nbob:" + quick + "\n");
  CHECK(verdict(table, "bob", "secret") == password_verdict::right);
}

TEST_CASE("a broken line is found by its number, and nothing of it is told") {
  const auto good = "bob:" + quick + "\n";
  CHECK(fault_of(good + "ann") == text_fault{2, "a line is <user>:<hash>"});
  CHECK(fault_of(good + "\n:" + quick).line == 3);
  const auto plain = fault_of("ann:hunter2\n" + good);
  CHECK(plain.line == 1);
  CHECK(plain.what.find("hunter2") == std::string::npos);
}

TEST_CASE("missing or unknown users are left to the next, wrong passwords "
          "not") {
  const auto table = table_of("bob:" + quick + "\n");
  CHECK(verdict(table, "bob", "secret") == password_verdict::right);
  CHECK(verdict(table, "bob", "guess") == password_verdict::wrong);
  CHECK(verdict(table, "bob", "") == password_verdict::wrong);
  CHECK(verdict(table, "ann", "secret") == password_verdict::next);
  CHECK(verdict(table, "bob", {}) == password_verdict::next);
  CHECK(verdict(table, {}, "secret") == password_verdict::next);
  CHECK(verdict(table, {}, {}) == password_verdict::next);
}

TEST_CASE("a slow hash is left to a thread that may take its time") {
  const auto table = table_of("bob:" + slow + "\n");
  const auto found = judge_password(table, "bob", "secret");
  CHECK(found.verdict == password_verdict::slow);
  REQUIRE(found.hash == table.find("bob"));
  CHECK(verify_password(*found.hash, "secret"));
  CHECK(table.has_slow());
  CHECK_FALSE(table_of("bob:" + quick).has_slow());
}

} // namespace password_table_test
