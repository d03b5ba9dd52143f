#include "plugins/passwd/password_file.hpp"
#include "plugins/passwd/password_table.hpp"

#include <doctest/doctest.h>

#include <string>

namespace password_file_test {

using namespace hetzel;
using namespace hetzel::plugins;

TEST_CASE("a new user stands at the end, a known one in its place") {
  CHECK(with_user("", "bob", "1") == "bob:1\n");
  CHECK(with_user("ann:0", "bob", "1") == "ann:0\nbob:1\n");
  CHECK(with_user("bob:0\nann:0\n", "bob", "1") == "bob:1\nann:0\n");
  CHECK(with_user("bobby:0\n", "bob", "1") == "bobby:0\nbob:1\n");
  CHECK(with_user("bob:$6$0\nann:0\nbob:$7$2\n", "bob", "$6$1")
        == "bob:$6$1\nann:0\n");
}

TEST_CASE("a hash and an entry for SCRAM stand beside each other") {
  CHECK(with_user("bob:$6$0\n", "bob", "SCRAM-SHA-256$1")
        == "bob:$6$0\nbob:SCRAM-SHA-256$1\n");
  CHECK(with_user("bob:$6$0\nbob:SCRAM-SHA-256$1\n", "bob",
                  "SCRAM-SHA-256$2")
        == "bob:$6$0\nbob:SCRAM-SHA-256$2\n");
  CHECK(without_user("bob:$6$0\nbob:SCRAM-SHA-256$1\n", "bob") == "");
}

TEST_CASE("a user that is taken out leaves the rest as it was") {
  CHECK(without_user("# of us\nbob:0\n\nann:0\nbob:1\n", "bob")
        == "# of us\n\nann:0\n");
  CHECK_FALSE(without_user("bobby:0\n", "bob"));
  CHECK_FALSE(without_user("", "bob"));
}

TEST_CASE("passwords are turned into hashes, and hashes are left alone") {
  const auto once = with_hashed_passwords("bob:a:b\n\nann:x\n",
                                          password_scheme::sha512);
  REQUIRE(once);
  CHECK(once->find("a:b") == std::string::npos);
  const auto table = password_table::parse(*once);
  REQUIRE(table);
  CHECK(judge_password(*table, "bob", "a:b").verdict
        == password_verdict::right);
  CHECK(judge_password(*table, "ann", "x").verdict == password_verdict::right);
  CHECK(with_hashed_passwords(*once, password_scheme::sha512) == once);
}

TEST_CASE("a line without a user or a password is not converted") {
  const auto fault = [](mqtt::bytes_view text) {
    auto converted = with_hashed_passwords(text, password_scheme::sha512);
    REQUIRE_FALSE(converted);
    return converted.error().line;
  };
  CHECK(fault("bob:x\nann\n") == 2);
  CHECK(fault("bob:x\nann:\n") == 2);
  CHECK(fault(":x\n") == 1);
}

TEST_CASE("the name of a user must fit into a line") {
  CHECK(fault_of_user("bob at home") == nullptr);
  for (auto user : {"", "a:b", "a\nb", "a\rb", "#a"})
    CHECK(fault_of_user(user) != nullptr);
}

} // namespace password_file_test
