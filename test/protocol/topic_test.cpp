#include "protocol/topic.hpp"

#include <doctest/doctest.h>

#include <string>
#include <vector>

namespace topic_test {

using namespace hetzel::mqtt;

namespace {

constexpr topic_limits no_limits{0, 65'535};

bool is_name(bytes_view topic_name, const topic_limits& limits = no_limits) {
  auto code = check_topic_name(topic_name, limits);
  CHECK(
    (code == reason_code::success || code == reason_code::topic_name_invalid));
  return code == reason_code::success;
}

bool is_filter(bytes_view filter, const topic_limits& limits = no_limits) {
  auto parsed = parse_topic_filter(filter, limits);
  if (!parsed)
    CHECK(parsed.error() == reason_code::topic_filter_invalid);
  return parsed.has_value();
}

std::vector<bytes_view> levels_of(bytes_view topic) {
  std::vector<bytes_view> levels;
  std::optional rest = topic;
  while (rest)
    levels.push_back(next_level(rest));
  return levels;
}

} // namespace

// -- names -------------------------------------------------------------------

TEST_CASE("a topic name has at least one character [MQTT-4.7.3-1]") {
  CHECK(!is_name(""));
  CHECK(is_name("a"));
  CHECK(is_name("/"));
  CHECK(is_name(" "));
  CHECK(is_name("/a//b/"));
  CHECK(is_name("$SYS/x"));
}

TEST_CASE("a topic name has no wildcard, wherever it might stand "
          "[MQTT-3.3.2-2] [MQTT-4.7.1-1]") {
  for (std::size_t size = 1; size <= 40; ++size)
    for (std::size_t at = 0; at < size; ++at)
      for (auto wildcard : {'+', '#'}) {
        std::string name(size, 'x');
        REQUIRE(is_name(name));
        name[at] = wildcard;
        REQUIRE(!is_name(name));
      }
  // Neighbours of the wildcards in ASCII, and of '/'.
  CHECK(is_name("\"$*,.0!%'()-"));
}

TEST_CASE("the depth of a topic name is its number of levels") {
  for (std::size_t slashes = 0; slashes <= 30; ++slashes)
    for (std::size_t size = slashes + 1; size <= 40; ++size) {
      auto name = std::string(size - slashes, 'a') + std::string(slashes, '/');
      auto levels = slashes + 1;
      CAPTURE(name);
      REQUIRE(is_name(name, {levels, 65'535}));
      if (levels > 1)
        REQUIRE(!is_name(name, {levels - 1, 65'535}));
    }
  CHECK(is_name(std::string(65'535, '/')));
  CHECK(is_name("a/b/c/d/e/f/g/h/i/j", {}));
  CHECK(!is_name("a/b/c/d/e/f/g/h/i/j/k", {}));
}

TEST_CASE("a topic name longer than the limit is refused [MQTT-4.7.3-3]") {
  CHECK(is_name("abc", {0, 3}));
  CHECK(!is_name("abcd", {0, 3}));
  CHECK(!is_name(std::string(65'536, 'a')));
}

// -- filters -----------------------------------------------------------------

TEST_CASE("a filter has at least one character [MQTT-4.7.3-1]") {
  CHECK(!is_filter(""));
  CHECK(is_filter("/"));
  CHECK(is_filter("a//"));
}

TEST_CASE("'#' is the last level and alone in it [MQTT-4.7.1-1]") {
  for (auto* good : {"#", "a/#", "/#", "+/#", "a//#", "$SYS/#"}) {
    CAPTURE(good);
    CHECK(is_filter(good));
  }
  for (auto* bad :
       {"a#", "#a", "##", "#/", "#/a", "a/#/b", "a/b#", "#/#", "a/#/"}) {
    CAPTURE(bad);
    CHECK(!is_filter(bad));
  }
}

TEST_CASE("'+' fills its level [MQTT-4.7.1-2]") {
  for (auto* good : {"+", "+/+", "a/+/b", "/+", "+/"}) {
    CAPTURE(good);
    CHECK(is_filter(good));
  }
  for (auto* bad : {"a+", "+a", "++", "a/+b", "a/b+/c", "+#", "#+"}) {
    CAPTURE(bad);
    CHECK(!is_filter(bad));
  }
}

TEST_CASE("a shared subscription has a group and a filter [MQTT-4.8.2-1] "
          "[MQTT-4.8.2-2]") {
  auto parsed = parse_topic_filter("$share/group/a/+/#", no_limits);
  REQUIRE(parsed.has_value());
  CHECK(parsed->share_group == "group");
  CHECK(parsed->topic_filter == "a/+/#");
  parsed = parse_topic_filter("$share/g//a", no_limits);
  REQUIRE(parsed.has_value());
  CHECK(parsed->topic_filter == "/a");
  for (auto* bad :
       {"$share/", "$share/g", "$share/g/", "$share//a", "$share/g+/a",
        "$share/#/a", "$share/+/a", "$share/g/a#", "$share/g/#/a"}) {
    CAPTURE(bad);
    CHECK(!is_filter(bad));
  }
}

TEST_CASE("a filter that only looks shared is a plain one "
          "(MQTT 5, 4.8.2)") {
  for (auto* plain :
       {"$share", "$SHARE/g/a", "$shared/g/a", "share/g/a", "a"}) {
    auto parsed = parse_topic_filter(plain, no_limits);
    CAPTURE(plain);
    REQUIRE(parsed.has_value());
    CHECK(parsed->share_group.empty());
    CHECK(parsed->topic_filter == plain);
  }
}

TEST_CASE("the depth of a filter counts $share and its group") {
  CHECK(is_filter("a/b/#", {3, 100}));
  CHECK(!is_filter("a/b/#", {2, 100}));
  CHECK(is_filter("$share/g/a/b", {4, 100}));
  CHECK(!is_filter("$share/g/a/b", {3, 100}));
}

TEST_CASE("the length of a filter counts $share and its group") {
  CHECK(is_filter("$share/g/a", {0, 10}));
  CHECK(!is_filter("$share/g/ab", {0, 10}));
  CHECK(!is_filter("abcd", {0, 3}));
}

// -- matching ----------------------------------------------------------------

TEST_CASE("a filter matches level by level [MQTT-4.7.1-1] [MQTT-4.7.1-3]") {
  struct {
    const char* filter;
    const char* name;
    bool match;
  } table[] = {
    {"a", "a", true},
    {"a", "b", false},
    {"a", "A", false},
    {"a", "a/b", false},
    {"a/b", "a", false},
    {"a", "/a", false},
    {"a", "a/", false},
    {"a/", "a", false},
    {"a/", "a/", true},
    {"", "a", false},
    {"sport/tennis/player1/#", "sport/tennis/player1", true},
    {"sport/tennis/player1/#", "sport/tennis/player1/ranking", true},
    {"sport/tennis/player1/#", "sport/tennis/player1/score/wimbledon", true},
    {"sport/tennis/player1/#", "sport/tennis/player2", false},
    {"sport/#", "sport", true},
    {"sport/#", "sport/", true},
    {"sport/#", "sports", false},
    {"#", "a", true},
    {"#", "/", true},
    {"#", "a/b/c", true},
    {"/#", "/a", true},
    {"/#", "/", true},
    {"/#", "a", false},
    {"sport/tennis/+", "sport/tennis/player1", true},
    {"sport/tennis/+", "sport/tennis/player1/ranking", false},
    {"sport/tennis/+", "sport/tennis/", true},
    {"sport/+", "sport", false},
    {"sport/+", "sport/", true},
    {"+", "a", true},
    {"+", "/a", false},
    {"+/+", "/finance", true},
    {"/+", "/finance", true},
    {"+", "a/", false},
    {"+/tennis/#", "sport/tennis/x/y", true},
    {"+/tennis/#", "/tennis", true},
    {"a/+/c", "a//c", true},
    {"a/+/c", "a/b/d", false},
    {"+/+/+", "a/b", false},
    {"a/+/#", "a", false},
    {"a/+/#", "a/b", true},
    {"a/b", "a/bc", false},
    {"a/bc", "a/b", false},
  };
  for (auto& [filter, name, match] : table) {
    CAPTURE(filter);
    CAPTURE(name);
    CHECK(matches(filter, name) == match);
  }
}

TEST_CASE("a leading wildcard does not match names that start with $ "
          "[MQTT-4.7.2-1]") {
  CHECK(!matches("#", "$SYS"));
  CHECK(!matches("#", "$SYS/uptime"));
  CHECK(!matches("+/uptime", "$SYS/uptime"));
  CHECK(!matches("+/#", "$SYS/uptime"));
  CHECK(matches("$SYS/#", "$SYS/uptime"));
  CHECK(matches("$SYS/+", "$SYS/uptime"));
  CHECK(matches("#", "a/$SYS"));
  CHECK(matches("/#", "/$SYS"));
  CHECK(matches("+/x", "S$/x"));
}

TEST_CASE("a topic of n slashes has n + 1 levels") {
  CHECK(levels_of("a") == std::vector<bytes_view>{"a"});
  CHECK(levels_of("") == std::vector<bytes_view>{""});
  CHECK(levels_of("/") == std::vector<bytes_view>{"", ""});
  CHECK(levels_of("a//bc/") == std::vector<bytes_view>{"a", "", "bc", ""});
}

} // namespace topic_test
