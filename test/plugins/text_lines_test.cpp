#include "plugins/files/text_lines.hpp"

#include <doctest/doctest.h>

#include <vector>

namespace text_lines_test {

using namespace hetzel;
using namespace hetzel::plugins;

namespace {

std::vector<std::string> lines_of(mqtt::bytes_view text) {
  std::vector<std::string> found;
  text_lines lines{text};
  while (auto line = lines.next()) {
    found.emplace_back(*line);
    CHECK(lines.number() == found.size());
  }
  return found;
}

using list = std::vector<std::string>;

} // namespace

TEST_CASE("a line ends with LF, CR LF or the end of the text") {
  CHECK(lines_of("").empty());
  CHECK(lines_of("a\nb") == list{"a", "b"});
  CHECK(lines_of("a\r\n\r\nb\n") == list{"a", "", "b"});
  CHECK(lines_of("\n") == list{""});
  CHECK(lines_of("a\rb\n") == list{"a\rb"});
}

TEST_CASE("blanks and tabs are taken off both ends") {
  CHECK(trim_blanks(" \ta b\t ") == "a b");
  CHECK(trim_blanks(" \t").empty());
}

TEST_CASE("words and fields are taken off the front, or nothing is") {
  mqtt::bytes_view text = "user name:rest";
  CHECK_FALSE(take_prefix(text, "topic "));
  CHECK(take_prefix(text, "user "));
  CHECK(take_until(text, ':') == mqtt::bytes_view{"name"});
  CHECK(text == "rest");
  CHECK_FALSE(take_until(text, ':'));
  CHECK(text == "rest");
}

TEST_CASE("a number is digits and nothing else") {
  CHECK(parse_number("0") == 0U);
  CHECK(parse_number("18446744073709551615") == ~std::uint64_t{0});
  for (auto text : {"", "-1", "+1", " 1", "1 ", "1x", "0x1",
                    "18446744073709551616"}) {
    CAPTURE(text);
    CHECK_FALSE(parse_number(text));
  }
}

} // namespace text_lines_test
