#include "actors/node/command_line.hpp"

#include <doctest/doctest.h>

#include <vector>

namespace command_line_test {

using namespace hetzel::node;

namespace {

auto parse(std::vector<const char*> words) {
  words.insert(words.begin(), "hetzel");
  return parse_command_line(static_cast<int>(words.size()), words.data());
}

} // namespace

TEST_CASE("without words a node runs on defaults") {
  const auto asked = parse({});
  REQUIRE(asked);
  CHECK(asked->what == task::run);
  CHECK(asked->config_file.empty());
  CHECK(asked->settings.empty());
}

TEST_CASE("--set may be repeated and keeps its order") {
  const auto asked
    = parse({"--config", "f.yaml", "--set", "a=1", "--set", "b=x,y z"});
  REQUIRE(asked);
  CHECK(asked->config_file == "f.yaml");
  CHECK(asked->settings == std::vector<std::string>{"a=1", "b=x,y z"});
}

TEST_CASE("what is only asked for starts nothing") {
  CHECK(parse({"--check-config"})->what == task::check_config);
  CHECK(parse({"--print-config"})->what == task::print_config);
  const auto asked = parse({"--describe-config", "queue_type"});
  CHECK(asked->what == task::describe_config);
  CHECK(asked->described_key == "queue_type");
}

TEST_CASE("a mistake in the command line ends with exit code 2") {
  for (const auto& words : std::vector<std::vector<const char*>>{
         {"--confg", "x"},
         {"--set"},
         {"extra"},
         {"--check-config", "--print-config"}}) {
    const auto asked = parse(words);
    REQUIRE_FALSE(asked);
    CHECK(asked.error() == exit_usage);
  }
}

TEST_CASE("--version and --help end well") {
  for (const auto* word : {"--version", "--help"}) {
    const auto asked = parse({word});
    REQUIRE_FALSE(asked);
    CHECK(asked.error() == 0);
  }
}

} // namespace command_line_test
