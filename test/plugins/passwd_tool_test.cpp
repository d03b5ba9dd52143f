#include "plugins/passwd/passwd_tool.hpp"

#include "plugins/files/text_file.hpp"
#include "plugins/passwd/password_table.hpp"
#include "plugins/scram/scram_table.hpp"
#include "test/support/temporary_directory.hpp"

#include <doctest/doctest.h>

#include <filesystem>
#include <string>
#include <vector>

namespace passwd_tool_test {

using namespace hetzel;
using namespace hetzel::plugins;
using action = passwd_command::action;

namespace {

using words = std::vector<std::string_view>;

passwd_command command_of(const words& arguments) {
  auto command = parse_passwd_arguments(arguments);
  REQUIRE_MESSAGE(command.has_value(), command.error());
  return std::move(*command);
}

/// Somebody who types these lines.
password_reader typing(std::vector<std::string> lines) {
  return [lines, at = std::size_t{0}](mqtt::bytes_view) mutable
         -> mqtt::expected<std::string, std::string> {
    if (at == lines.size())
      return mqtt::unexpected<std::string>("no more lines");
    return lines[at++];
  };
}

/// A file and the tool's quickest hash.
struct fixture {
  test::temporary_directory folder;
  std::string file = folder.path("passwd");

  mqtt::expected<std::string, std::string>
  run(const words& flags, std::vector<std::string> lines = {"x", "x"}) {
    words arguments{"--hash", "sha512"};
    arguments.insert(arguments.end(), flags.begin(), flags.end());
    arguments.emplace_back(file);
    if (flags.empty() || flags[0] != "-U")
      arguments.emplace_back("bob");
    return run_passwd(command_of(arguments), typing(std::move(lines)));
  }

  void write(mqtt::bytes_view text) {
    REQUIRE(replace_text_file(file, text));
  }
  [[nodiscard]] std::string text() const { return *read_text_file(file); }

  [[nodiscard]] bool is_right(mqtt::bytes_view user,
                              mqtt::bytes_view password) const {
    const auto table = password_table::parse(text());
    REQUIRE(table);
    return judge_password(*table, user, password).verdict
           == password_verdict::right;
  }
};

} // namespace

TEST_CASE("hetzel-passwd knows vmq-passwd's flags") {
  CHECK(command_of({"f", "u"}).what == action::update);
  CHECK(command_of({"-c", "f", "u"}).what == action::create);
  CHECK(command_of({"-cf", "f", "u"}).what == action::overwrite);
  CHECK(command_of({"-D", "f", "u"}).what == action::remove);
  CHECK(command_of({"-U", "f"}).what == action::convert);
  CHECK(command_of({"f", "u"}).entry == passwd_entry::scrypt);
  CHECK(command_of({"--hash", "pbkdf2", "f", "u"}).entry
        == passwd_entry::pbkdf2);
  CHECK(command_of({"--help"}).what == action::help);
  const auto command = command_of({"f", "u u"});
  CHECK(command.file == "f");
  CHECK(command.user == "u u");
}

TEST_CASE("hetzel-passwd refuses what it does not understand") {
  for (const words& arguments : std::vector<words>{
         {}, {"f"}, {"f", "u", "x"}, {"-U"}, {"-U", "f", "u"}, {"-x", "f", "u"},
         {"-c", "-D", "f", "u"}, {"--hash", "md5", "f", "u"}, {"--hash"},
         {"f", "a:b"}, {"f", ""}, {"f", "#u"},
         {"-U", "--hash", "scram-sha-256", "f"}})
    CHECK_FALSE(parse_passwd_arguments(arguments));
}

TEST_CASE("a user is added to a file that exists, and changed there") {
  fixture on;
  CHECK_FALSE(on.run({}));
  on.write("");
  REQUIRE(on.run({}, {"one", "one"}));
  CHECK(on.is_right("bob", "one"));
  REQUIRE(on.run({}, {"two", "two"}));
  CHECK(on.is_right("bob", "two"));
  CHECK_FALSE(on.is_right("bob", "one"));
}

TEST_CASE("-c makes a file and overwrites none, -cf does") {
  fixture on;
  REQUIRE(on.run({"-c"}));
  CHECK(on.is_right("bob", "x"));
  const auto before = on.text();
  CHECK_FALSE(on.run({"-c"}));
  CHECK(on.text() == before);
  on.write("something else\n");
  REQUIRE(on.run({"-cf"}));
  CHECK(on.is_right("bob", "x"));
}

TEST_CASE("-D deletes a user and warns when there is none") {
  fixture on;
  REQUIRE(on.run({"-c"}));
  const auto done = on.run({"-D"});
  REQUIRE(done);
  CHECK(done->empty());
  CHECK(on.text().empty());
  const auto again = on.run({"-D"});
  REQUIRE(again);
  CHECK(*again == "warning: there is no user bob");
}

TEST_CASE("-U hashes the passwords of a file, or changes nothing") {
  fixture on;
  on.write("bob:x\nann:y\n");
  REQUIRE(on.run({"-U"}));
  CHECK(on.is_right("bob", "x"));
  CHECK(on.is_right("ann", "y"));
  on.write("bob:x\nann\n");
  const auto failed = on.run({"-U"});
  REQUIRE_FALSE(failed);
  CHECK(failed.error() == on.file + ":2: a line is <user>:<password>");
  CHECK(on.text() == "bob:x\nann\n");
}

TEST_CASE("a password that is empty, differs or is missing changes nothing") {
  fixture on;
  on.write("");
  CHECK(on.run({}, {"", ""}).error() == "the password is empty");
  CHECK(on.run({}, {"x", "y"}).error() == "the passwords differ");
  CHECK(on.run({}, {"x"}).error() == "no more lines");
  CHECK(on.text().empty());
}

TEST_CASE("an entry for SCRAM stands beside the hash") {
  fixture on;
  REQUIRE(on.run({"-c"}));
  REQUIRE(run_passwd(
    command_of({"--hash", "scram-sha-256", on.file, "bob"}),
    typing({"x", "x"})));
  CHECK(on.is_right("bob", "x"));
  const auto table = scram_table::parse(on.text());
  REQUIRE(table);
  CHECK(table->find(scram_mechanism::sha256, "bob") != nullptr);
}

TEST_CASE("the default is scrypt") {
  fixture on;
  REQUIRE(run_passwd(command_of({"-c", on.file, "bob"}), typing({"x", "x"})));
  CHECK(on.text().starts_with("bob:$scrypt$ln=15,r=8,p=1$"));
}

} // namespace passwd_tool_test
