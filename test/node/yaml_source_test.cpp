#include "actors/node/config/yaml_source.hpp"

#include <doctest/doctest.h>

#include <filesystem>
#include <fstream>

namespace yaml_source_test {

using namespace hetzel::node;

TEST_CASE("nested maps and dotted keys are the same") {
  for (const auto* text : {"listeners: {tcp: {default: '127.0.0.1:1883'}}",
                           "listeners.tcp:\n  default: 127.0.0.1:1883\n",
                           "listeners.tcp.default: 127.0.0.1:1883"}) {
    const auto read = parse_yaml(text, "f");
    CHECK(read.problems.empty());
    REQUIRE(read.settings.size() == 1);
    CHECK(read.settings[0].key == "listeners.tcp.default");
    CHECK(read.settings[0].text == "127.0.0.1:1883");
    CHECK(read.settings[0].source == source_kind::file);
  }
}

TEST_CASE("a setting knows file and line") {
  const auto read = parse_yaml("# one\na: 1\n\nb:\n  c: 2\n", "etc/h.yaml");
  REQUIRE(read.settings.size() == 2);
  CHECK(read.settings[0].place == "etc/h.yaml:2");
  CHECK(read.settings[1].place == "etc/h.yaml:5");
}

TEST_CASE("a list of plain values is text with commas") {
  const auto read = parse_yaml("v: [3, 4, 5]\nw:\n  - a\n  - b\n", "f");
  REQUIRE(read.settings.size() == 2);
  CHECK(read.settings[0].text == "3,4,5");
  CHECK(read.settings[1].text == "a,b");
}

TEST_CASE("a key that stands twice comes twice, for the resolver to judge") {
  CHECK(parse_yaml("a: 1\na: 2\n", "f").settings.size() == 2);
}

TEST_CASE("a key with nothing behind it is known as empty") {
  const auto read = parse_yaml("a:\nb: ''\n", "f");
  REQUIRE(read.settings.size() == 2);
  CHECK(read.settings[0].is_empty);
  CHECK_FALSE(read.settings[1].is_empty);
}

TEST_CASE("an empty file is an empty configuration") {
  for (const auto* text : {"", "\n", "# only a comment\n", "---\n"}) {
    const auto read = parse_yaml(text, "f");
    CHECK(read.problems.empty());
    CHECK(read.settings.empty());
  }
}

TEST_CASE("what is no map of plain values is a problem with its line") {
  CHECK(parse_yaml("- a\n- b\n", "f").problems.size() == 1);
  CHECK(parse_yaml("just words\n", "f").problems.size() == 1);
  const auto list = parse_yaml("a: 1\nb: [{c: 2}]\n", "f");
  REQUIRE(list.problems.size() == 1);
  CHECK(list.problems[0].place == "f:2");
  CHECK(list.settings.size() == 1);
  CHECK(parse_yaml("? [a, b]\n: 1\n", "f").problems.size() == 1);
}

TEST_CASE("text that is not YAML is a problem with its line") {
  const auto read = parse_yaml("a: 1\nb: [1, 2\nc: 3\n", "f");
  REQUIRE(read.problems.size() == 1);
  CHECK(read.problems[0].place.starts_with("f:"));
  CHECK_FALSE(read.problems[0].what.empty());
}

TEST_CASE("nesting without end is refused") {
  std::string text;
  for (int i = 0; i < 50; ++i)
    text += "{a: ";
  text += "1" + std::string(50, '}');
  CHECK(parse_yaml(text, "f").problems.size() == 1);
}

TEST_CASE("a file that cannot be read is one problem with its name") {
  const auto missing = read_yaml("/nonexistent/hetzel.yaml");
  REQUIRE(missing.problems.size() == 1);
  CHECK(missing.problems[0].to_string()
        == "/nonexistent/hetzel.yaml: cannot be read: No such file or "
           "directory");
  CHECK(read_yaml("/").problems.size() == 1);
}

TEST_CASE("a file is read, an empty one too") {
  const auto path = std::filesystem::temp_directory_path()
                    / "hetzel_yaml_source_test.yaml";
  std::ofstream(path) << "queue_type: lifo\n";
  CHECK(read_yaml(path).settings.size() == 1);
  std::ofstream(path, std::ios::trunc).close();
  CHECK(read_yaml(path).problems.empty());
  std::filesystem::remove(path);
}

} // namespace yaml_source_test
