#include "plugins/acl/acl_rule.hpp"

#include <doctest/doctest.h>

#include <string>

namespace acl_rule_test {

using namespace hetzel;
using namespace hetzel::plugins;

namespace {

/// "ann:allow rw a/+": a rule in one word, for comparing.
std::string text_of(const acl_rule& rule) {
  std::string text = rule.is_pattern ? "pattern" : rule.user.value_or("all");
  text += rule.what == acl_rule::effect::deny ? ":deny " : ":allow ";
  text += rule.is_read ? "r" : "";
  text += rule.is_write ? "w" : "";
  return text + " " + rule.filter;
}

std::vector<std::string> rules_of(mqtt::bytes_view text) {
  const auto found = parse_acl(text);
  REQUIRE(found);
  std::vector<std::string> texts;
  for (const auto& one : found->rules)
    texts.push_back(text_of(one));
  return texts;
}

std::size_t fault_line(mqtt::bytes_view text) {
  const auto found = parse_acl(text);
  REQUIRE_FALSE(found);
  return found.error().line;
}

using list = std::vector<std::string>;

} // namespace

TEST_CASE("topic lines are about the user above them, or about all") {
  CHECK(rules_of("topic a\n# a comment\n\nuser ann\ntopic read b/+\n"
                 "topic write c/#\nuser bob smith \ntopic d")
        == list{"all:allow rw a", "ann:allow r b/+", "ann:allow w c/#",
                "bob smith:allow rw d"});
}

TEST_CASE("pattern lines are about all clients wherever they stand") {
  CHECK(rules_of("user ann\npattern read %c/%u\ntopic x\n")
        == list{"pattern:allow r %c/%u", "ann:allow rw x"});
}

TEST_CASE("deny lines take something away from the user above, or from all") {
  CHECK(rules_of("deny $SYS/#\nuser ann\ndeny read a\ndeny write b\n"
                 "deny pattern write %c/x\n")
        == list{"all:deny rw $SYS/#", "ann:deny r a", "ann:deny w b",
                "pattern:deny w %c/x"});
}

TEST_CASE("a rule may have a wildcard for the share group") {
  CHECK(rules_of("topic read $share/+/sensors/#\n")
        == list{"all:allow r $share/+/sensors/#"});
}

TEST_CASE("filters are trimmed and may hold blanks") {
  CHECK(rules_of("topic read  \ta b/c d\t \r\n")
        == list{"all:allow r a b/c d"});
  CHECK(rules_of("topic reader/x\ntopic read\n")
        == list{"all:allow rw reader/x", "all:allow rw read"});
}

TEST_CASE("any other line makes the file useless, and is found by its number") {
  CHECK(fault_line("topic a\nTopic b\n") == 2);
  CHECK(fault_line(" topic a\n") == 1);
  CHECK(fault_line("topic a\n\n # no comment\n") == 3);
  CHECK(fault_line("topic\n") == 1);
  CHECK(fault_line("topic\ta\n") == 1);
  CHECK(fault_line("user \n") == 1);
  CHECK(fault_line("deny\n") == 1);
}

TEST_CASE("an invalid filter is left out where it allows, a fault where it "
          "denies") {
  for (const std::string filter : {"a/#/b", "a+", "", "$share/", "\xFF"}) {
    CAPTURE(filter);
    const auto found = parse_acl("topic x\ntopic read " + filter + "\n");
    REQUIRE(found);
    CHECK(found->rules.size() == 1);
    REQUIRE(found->warnings.size() == 1);
    CHECK(found->warnings[0].line == 2);
    CHECK(fault_line("topic x\ndeny read " + filter + "\n") == 2);
  }
}

TEST_CASE("words of mosquitto that mean something else here are warned of") {
  const auto found = parse_acl("topic readwrite a\ntopic deny b\n");
  REQUIRE(found);
  CHECK(found->rules.size() == 2);
  CHECK(found->warnings.size() == 2);
}

} // namespace acl_rule_test
