#include "plugins/acl/acl_index.hpp"

#include <doctest/doctest.h>

#include <string>

namespace acl_index_test {

using namespace hetzel;
using namespace hetzel::plugins;

namespace {

/// One client and the rules that it meets.
class fixture {
public:
  explicit fixture(const std::string& text, acl_options options = {})
    : index_(parsed(text), options) {}

  fixture& as(std::string client_id, std::optional<std::string> user = {},
              std::string mountpoint = {}) {
    client_id_ = std::move(client_id);
    user_ = std::move(user);
    mountpoint_ = std::move(mountpoint);
    return *this;
  }

  [[nodiscard]] acl_verdict publish(mqtt::bytes_view topic_name) const {
    return index_.may_publish(who(), topic_name);
  }
  [[nodiscard]] acl_verdict subscribe(mqtt::bytes_view topic_filter) const {
    return index_.may_subscribe(who(), topic_filter);
  }

private:
  static std::vector<acl_rule> parsed(const std::string& text) {
    auto found = parse_acl(text);
    REQUIRE(found);
    REQUIRE(found->warnings.empty());
    return std::move(found->rules);
  }

  [[nodiscard]] acl_client who() const {
    return {mountpoint_, client_id_, user_};
  }

  acl_index index_;
  std::string mountpoint_;
  std::string client_id_ = "c";
  std::optional<std::string> user_;
};

constexpr auto next = acl_verdict::next;
constexpr auto allow = acl_verdict::allow;
constexpr auto deny = acl_verdict::deny;

} // namespace

TEST_CASE("the shipped file allows everything") {
  const fixture on{"topic #\n"};
  for (auto topic : {"a", "a/b/c", "/", "$SYS/x"})
    CHECK(on.publish(topic) == allow);
  for (auto filter : {"#", "+/a", "$SYS/#", "$share/g/#", "$share/g/a/+"})
    CHECK(on.subscribe(filter) == allow);
}

TEST_CASE("without a rule everything is left to the next") {
  const fixture on{""};
  CHECK(on.publish("a") == next);
  CHECK(on.subscribe("a") == next);
  CHECK(on.subscribe("$share/g/a") == next);
}

TEST_CASE("read is for subscribing, write for publishing") {
  const fixture on{"topic read in/#\ntopic write out/#\n"};
  CHECK(on.subscribe("in/a") == allow);
  CHECK(on.publish("in/a") == next);
  CHECK(on.publish("out/a") == allow);
  CHECK(on.subscribe("out/a") == next);
}

TEST_CASE("rules of a user are for that user alone, the others for all") {
  fixture on{"topic read all\nuser ann\ntopic a\nuser bob\ntopic b\n"};
  CHECK(on.as("c", "ann").publish("a") == allow);
  CHECK(on.as("c", "ann").publish("b") == next);
  CHECK(on.as("c", "ann").subscribe("all") == allow);
  CHECK(on.as("c", "bob").publish("b") == allow);
  CHECK(on.as("c").publish("a") == next);
  CHECK(on.as("c").subscribe("all") == allow);
  CHECK(on.as("c", "eve").subscribe("all") == allow);
}

TEST_CASE("levels of a pattern stand for mountpoint, client id and user name") {
  fixture on{"pattern m/%m\npattern c/%c/x\npattern u/%u/#\npattern x%c\n"};
  on.as("me", "ann", "home");
  CHECK(on.publish("m/home") == allow);
  CHECK(on.publish("m/other") == next);
  CHECK(on.publish("c/me/x") == allow);
  CHECK(on.publish("c/you/x") == next);
  CHECK(on.publish("c/%c/x") == next);
  CHECK(on.subscribe("u/ann/deep/+") == allow);
  CHECK(on.subscribe("u/bob/#") == next);
  CHECK(on.publish("xme") == next);
  CHECK(on.publish("x%c") == allow);
  CHECK(on.as("me").subscribe("u/ann/#") == next);
  CHECK(on.as("me").subscribe("u/%u/#") == next);
}

TEST_CASE("in other lines %c is text") {
  const fixture on{"topic a/%c\n"};
  CHECK(on.publish("a/%c") == allow);
  CHECK(on.publish("a/c") == next);
}

TEST_CASE("a name chosen like a wildcard does not open a pattern") {
  fixture on{"pattern read d/%c/x\npattern read e/%u/#\ndeny pattern f/%c\n"
             "topic read f/#\n"};
  CHECK(on.as("+", "#").subscribe("d/+/x") == next);
  CHECK(on.as("+", "#").subscribe("d/#") == next);
  CHECK(on.as("+", "#").subscribe("e/#") == next);
  CHECK(on.as("+", "+").subscribe("e/+/a") == next);
  CHECK(on.as("a/b").subscribe("d/a/b/x") == next);
  CHECK(on.as("+").subscribe("f/#") == allow);
}

TEST_CASE("a filter is allowed when a rule matches all that it can match") {
  const fixture on{"topic read a/+\ntopic read b/#\ntopic read c/+/d\n"};
  CHECK(on.subscribe("a/x") == allow);
  CHECK(on.subscribe("a/+") == allow);
  CHECK(on.subscribe("a/#") == next);
  CHECK(on.subscribe("a") == next);
  CHECK(on.subscribe("a/+/x") == next);
  CHECK(on.subscribe("+/x") == next);
  CHECK(on.subscribe("b") == allow);
  CHECK(on.subscribe("b/#") == allow);
  CHECK(on.subscribe("b/+/#") == allow);
  CHECK(on.subscribe("+/#") == next);
  CHECK(on.subscribe("#") == next);
  CHECK(on.subscribe("c/+/d") == allow);
  CHECK(on.subscribe("c/#") == next);
  CHECK(on.subscribe("c/+/+") == next);
}

TEST_CASE("a denial prevails over everything that allows") {
  fixture on{"topic #\ndeny write secret/#\nuser ann\ntopic write secret/a\n"
             "deny read mine\n"};
  CHECK(on.as("c", "ann").publish("secret/a") == deny);
  CHECK(on.as("c", "ann").publish("secret") == deny);
  CHECK(on.as("c", "ann").subscribe("secret/a") == allow);
  CHECK(on.as("c", "ann").subscribe("mine") == deny);
  CHECK(on.as("c", "bob").subscribe("mine") == allow);
  CHECK(on.as("c", "bob").publish("other") == allow);
}

TEST_CASE("a filter is denied when it can match anything that is denied") {
  fixture on{"topic #\ndeny read a/+/secret\ndeny read b/#\n"
             "deny read $SYS/#\ndeny pattern read p/%u\n"};
  for (auto filter : {"#", "+/#", "a/#", "a/x/secret", "a/+/+", "a/x/#",
                      "+/+/secret", "+/b/+", "b", "b/x", "+", "$SYS/#",
                      "$SYS/+/x"}) {
    CAPTURE(filter);
    CHECK(on.subscribe(filter) == deny);
  }
  for (auto filter : {"a/+", "a/x/y", "a/x", "c/#", "c/y/other/#", "p/#"}) {
    CAPTURE(filter);
    CHECK(on.subscribe(filter) != deny);
  }
  CHECK(on.as("c", "ann").subscribe("p/#") == deny);
  CHECK(on.as("c", "ann").subscribe("p/ann") == deny);
  CHECK(on.as("c", "ann").subscribe("p/bob") == allow);
}

TEST_CASE("wildcards of a request do not reach server topics that are denied") {
  const fixture on{"topic #\ndeny read $SYS/#\n"};
  CHECK(on.subscribe("#") == allow);
  CHECK(on.subscribe("+/x") == allow);
  CHECK(on.subscribe("$share/g/#") == allow);
  CHECK(on.subscribe("$share/g/$SYS/#") == deny);
  CHECK(on.subscribe("$SYS/x") == deny);
  CHECK(on.publish("$SYS/x") == allow);
}

TEST_CASE("a share group needs a rule that names it, as in VerneMQ") {
  const fixture on{"topic read a/#\ntopic read $share/g/b/#\n"
                   "topic read $share/+/c\n"};
  CHECK(on.subscribe("a/x") == allow);
  CHECK(on.subscribe("$share/g/a/x") == next);
  CHECK(on.subscribe("$share/g/b/x") == allow);
  CHECK(on.subscribe("$share/h/b/x") == next);
  CHECK(on.subscribe("$share/g/b/#") == allow);
  CHECK(on.subscribe("$share/g/#") == next);
  CHECK(on.subscribe("$share/anything/c") == allow);
  CHECK(on.subscribe("b/x") == next);
}

TEST_CASE("by choice a rule for a filter is one for its share groups too") {
  const fixture on{"topic read a/#\n", {.covers_shared = true}};
  CHECK(on.subscribe("$share/g/a/x") == allow);
  CHECK(on.subscribe("$share/g/b") == next);
}

TEST_CASE("a share group does not lead to a filter that no rule allows") {
  const fixture on{"topic read +/+/secret\n"};
  CHECK(on.subscribe("secret") == next);
  CHECK(on.subscribe("$share/g/secret") == next);
}

TEST_CASE("what denies a filter denies it in every share group") {
  const fixture on{"topic #\ndeny read a/secret\ndeny read $share/g/b/#\n"};
  CHECK(on.subscribe("$share/g/a/secret") == deny);
  CHECK(on.subscribe("$share/g/a/#") == deny);
  CHECK(on.subscribe("$share/h/a/x") == allow);
  CHECK(on.subscribe("$share/g/b/x") == deny);
  CHECK(on.subscribe("$share/h/b/x") == allow);
  CHECK(on.subscribe("b/x") == allow);
}

TEST_CASE("empty levels are levels") {
  const fixture on{"topic a//b\ntopic /\ntopic c/+\n"};
  CHECK(on.publish("a//b") == allow);
  CHECK(on.publish("a/b") == next);
  CHECK(on.publish("/") == allow);
  CHECK(on.publish("c/") == allow);
  CHECK(on.publish("c") == next);
}

} // namespace acl_index_test
