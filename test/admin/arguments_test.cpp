#include "actors/admin/client/arguments.hpp"

#include <doctest/doctest.h>

#include <map>
#include <string>
#include <vector>

namespace arguments_test {

using namespace hetzel::admin;
using namespace std::chrono_literals;

namespace {

using words = std::vector<std::string>;
using variables = std::map<std::string, std::string>;

auto parse(const words& what, const variables& set = {}) {
  return parse_ctl_arguments(what, [&](const char* name) {
    const auto found = set.find(name);
    return found == set.end() ? nullptr : found->second.c_str();
  });
}

} // namespace

TEST_CASE("options stand before the command, whose words are its own") {
  const auto asked
    = parse({"--data-dir", "/d", "-t", "5", "kill", "--socket"});
  REQUIRE(asked);
  CHECK(asked->words == words{"kill", "--socket"});
  CHECK(asked->patience == 5s);
  CHECK(asked->socket == "/d/control.sock");
  CHECK(parse({"--socket=/s", "status"})->socket == "/s");
}

TEST_CASE("the socket is where the node's own variables say") {
  CHECK(parse({"x"})->socket == "./data/control.sock");
  CHECK(parse({"x"}, {{"HETZEL_DATA_DIR", "/d"}})->socket
        == "/d/control.sock");
  CHECK(parse({"x"}, {{"HETZEL_DATA_DIR", "/d"},
                      {"HETZEL_CONTROL_SOCKET", "s"}})
          ->socket
        == "/d/s");
  CHECK(parse({"x"}, {{"HETZEL_CONTROL_SOCKET", "/run/s"}})->socket
        == "/run/s");
  CHECK(parse({"-d", "/e", "x"}, {{"HETZEL_CONTROL_SOCKET", "/run/s"}})->socket
        == "/e/control.sock");
}

TEST_CASE("a mistake is a sentence") {
  CHECK(parse({}).error() == "no command");
  CHECK(parse({"--sock", "x", "y"}).error() == "no option --sock");
  CHECK(parse({"--socket"}).error() == "--socket needs a value");
  CHECK(parse({"-t", "soon", "x"}).error() == "-t needs a number of seconds");
}

TEST_CASE("help and version need no command") {
  CHECK(parse({"--help"})->what == ctl_arguments::task::help);
  CHECK(parse({"--version"})->what == ctl_arguments::task::version);
}

} // namespace arguments_test
