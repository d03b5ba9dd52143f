#include "actors/admin/control_language.hpp"

#include <doctest/doctest.h>

#include <string>
#include <vector>

namespace control_language_test {

using namespace hetzel::admin;

using words = std::vector<std::string>;

TEST_CASE("words come out of a line as they were put in, whatever is in them") {
  const std::vector<words> examples{
    {},
    {"status"},
    {"checkpoint", "/backup/of monday"},
    {"", "a\"b", "back\\slash", "line\nend", "\ttab\r", "ümlaut"},
  };
  for (const auto& example : examples) {
    const auto line = encode_words(example);
    CAPTURE(line);
    CHECK(line.find('\n') == std::string::npos);
    const auto read = parse_words(line);
    REQUIRE(read);
    CHECK(*read == example);
  }
}

TEST_CASE("blanks between words do not count") {
  CHECK(*parse_words("  tree   .  2 ") == words{"tree", ".", "2"});
}

TEST_CASE("a line that makes no sense is a sentence") {
  for (const auto* line :
       {"\"open", "a\"b", "back\\slash", "\"a\"b", "\"\\q\"", "\"\\", "a\tb"}) {
    CAPTURE(line);
    REQUIRE_FALSE(parse_words(line));
    CHECK_FALSE(parse_words(line).error().empty());
  }
}

TEST_CASE("a request has a limit of words") {
  std::string line;
  for (std::size_t i = 0; i < request_words_max; ++i)
    line += "w ";
  CHECK(parse_words(line));
  CHECK_FALSE(parse_words(line + "w"));
}

TEST_CASE("text moves no cursor") {
  CHECK(text_line("a b ü") == " a b ü\n");
  CHECK(text_line("\x1b[2J\nok") == " \\x1b[2J\\x0aok\n");
  CHECK(text_line("\xc2\x9b"
                  "31m\x7f")
        == " \\xc2\\x9b31m\\x7f\n");
}

TEST_CASE("a status is told from text, with its sentence") {
  for (const auto& one : {status{outcome::ok}, status{outcome::usage, "no"},
                          status{outcome::failed, "the disk is full"}}) {
    auto line = status_line(one);
    REQUIRE(line.ends_with('\n'));
    line.pop_back();
    const auto read = parse_status(line);
    REQUIRE(read);
    CHECK(read->how == one.how);
    CHECK(read->sentence == one.sentence);
  }
  CHECK_FALSE(parse_status(" ok"));
  CHECK_FALSE(parse_status("okay"));
  CHECK_FALSE(parse_status(""));
}

} // namespace control_language_test
