#include "plugins/acl/acl_index.hpp"
#include "protocol/topic.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <random>
#include <string>

namespace acl_property_test {

/// The index against what its rules mean, spelt out over every topic name that
/// can be made of a few levels.

using namespace hetzel;
using namespace hetzel::plugins;

namespace {

using levels = std::vector<std::string>;

/// Each that a rule can have or `%c` or `%u` can stand for, one of a server
/// topic among them, and one more.
const levels alphabet{"a", "b", "c", "other", "$s"};
constexpr std::size_t depth_max = 4;

levels split(const std::string& topic) {
  levels parts;
  std::optional<mqtt::bytes_view> rest = topic;
  while (rest)
    parts.emplace_back(mqtt::next_level(rest));
  return parts;
}

std::vector<std::string> all_names() {
  std::vector<std::string> names = alphabet;
  std::size_t from = 0;
  for (std::size_t depth = 1; depth < depth_max; ++depth) {
    const auto to = names.size();
    for (; from < to; ++from)
      for (const auto& level : alphabet)
        names.push_back(names[from] + "/" + level);
  }
  return names;
}

struct world {
  std::string client_id;
  std::optional<std::string> user;
  std::vector<acl_rule> rules;

  [[nodiscard]] acl_client who() const { return {"m", client_id, user}; }
};

bool applies(const acl_rule& rule, const world& in) {
  return !rule.user || rule.user == in.user;
}

bool level_matches(const acl_rule& rule, const std::string& level,
                   const std::string& of_name, const world& in) {
  if (rule.is_pattern && level == "%c")
    return of_name == in.client_id;
  if (rule.is_pattern && level == "%u")
    return in.user && of_name == *in.user;
  return level == "+" || level == of_name;
}

/// Wildcards of rules match server topics too.
bool rule_matches(const acl_rule& rule, const std::string& name,
                  const world& in) {
  const auto of_rule = split(rule.filter);
  const auto of_name = split(name);
  for (std::size_t i = 0; i < of_rule.size(); ++i) {
    if (of_rule[i] == "#")
      return true;
    if (i >= of_name.size()
        || !level_matches(rule, of_rule[i], of_name[i], in))
      return false;
  }
  return of_rule.size() == of_name.size();
}

class chance {
public:
  explicit chance(unsigned seed) : random_(seed) {}

  std::size_t below(std::size_t bound) {
    return std::uniform_int_distribution<std::size_t>{0, bound - 1}(random_);
  }
  bool one_in(std::size_t many) { return below(many) == 0; }

  const std::string& pick(const levels& from) {
    return from[below(from.size())];
  }

  std::string filter(const levels& from) {
    auto text = pick(from);
    for (auto more = below(3); more > 0; --more)
      text += "/" + pick(from);
    if (one_in(4))
      text = one_in(6) ? "#" : text + "/#";
    return text;
  }

private:
  std::mt19937 random_;
};

acl_rule some_rule(chance& random) {
  acl_rule rule;
  rule.what = random.one_in(3) ? acl_rule::effect::deny
                               : acl_rule::effect::allow;
  rule.is_read = !random.one_in(3);
  rule.is_write = !rule.is_read || random.one_in(2);
  rule.is_pattern = random.one_in(3);
  if (!rule.is_pattern && random.one_in(2))
    rule.user = random.one_in(2) ? "a" : "b";
  levels from{"a", "b", "+", "$s", "+"};
  if (rule.is_pattern)
    from.insert(from.end(), {"%c", "%u"});
  rule.filter = random.filter(from);
  return rule;
}

world some_world(chance& random) {
  world made;
  made.client_id = random.pick({"a", "b", "c", "+", "#", "$s"});
  if (!random.one_in(4))
    made.user = random.pick({"a", "b", "+", "$s"});
  for (auto count = 1 + random.below(6); count > 0; --count)
    made.rules.push_back(some_rule(random));
  return made;
}

acl_verdict publish_oracle(const world& in, const std::string& name) {
  auto verdict = acl_verdict::next;
  for (const auto& rule : in.rules) {
    if (!rule.is_write || !applies(rule, in) || !rule_matches(rule, name, in))
      continue;
    if (rule.what == acl_rule::effect::deny)
      return acl_verdict::deny;
    verdict = acl_verdict::allow;
  }
  return verdict;
}

acl_verdict subscribe_oracle(const world& in,
                             const std::vector<std::string>& wanted) {
  auto verdict = acl_verdict::next;
  for (const auto& rule : in.rules) {
    if (!rule.is_read || !applies(rule, in))
      continue;
    const auto matches = [&](const auto& name) {
      return rule_matches(rule, name, in);
    };
    if (rule.what == acl_rule::effect::deny
        && std::ranges::any_of(wanted, matches))
      return acl_verdict::deny;
    if (rule.what == acl_rule::effect::allow
        && std::ranges::all_of(wanted, matches))
      verdict = acl_verdict::allow;
  }
  return verdict;
}

} // namespace

TEST_CASE("publishing is what the rules mean, whatever they are") {
  const auto names = all_names();
  for (unsigned seed = 0; seed < 300; ++seed) {
    CAPTURE(seed);
    chance random{seed};
    const auto in = some_world(random);
    const acl_index index{in.rules};
    for (const auto& name : names)
      REQUIRE_MESSAGE(index.may_publish(in.who(), name)
                        == publish_oracle(in, name),
                      name);
  }
}

TEST_CASE("subscribing is what the rules mean, whatever they are") {
  const auto names = all_names();
  for (unsigned seed = 0; seed < 3'000; ++seed) {
    chance random{seed};
    const auto in = some_world(random);
    // '+/#' matches every name and '#' no more, but is not its rule.
    auto filter = random.filter({"a", "b", "+", "$s"});
    if (filter == "#")
      filter = "+/a/#";
    CAPTURE(seed);
    CAPTURE(filter);
    std::vector<std::string> wanted;
    for (const auto& name : names)
      if (mqtt::matches(filter, name))
        wanted.push_back(name);
    REQUIRE(acl_index{in.rules}.may_subscribe(in.who(), filter)
            == subscribe_oracle(in, wanted));
  }
}

} // namespace acl_property_test
