#include "plugins/acl/acl_rule.hpp"

#include "protocol/topic.hpp"
#include "protocol/utf8.hpp"

#include <utility>

namespace hetzel::plugins {

namespace {

using mqtt::bytes_view;
using effect = acl_rule::effect;

/// mosquitto's words, which mean something else here, as in VerneMQ.
constexpr bytes_view foreign_words[] = {"readwrite ", "deny "};

class acl_parser {
public:
  explicit acl_parser(bytes_view text) noexcept : lines_(text) {}

  mqtt::expected<acl_rules, text_fault> parse() {
    while (auto line = lines_.next())
      if (!line->empty() && !line->starts_with('#') && !on_line(*line))
        return mqtt::unexpected(std::move(fault_));
    return std::move(found_);
  }

private:
  bool on_line(bytes_view line) {
    if (take_prefix(line, "user "))
      return on_user(trim_blanks(line));
    if (take_prefix(line, "topic "))
      return on_rule({.user = user_}, line);
    if (take_prefix(line, "pattern "))
      return on_rule({.is_pattern = true}, line);
    if (take_prefix(line, "deny pattern "))
      return on_rule({.what = effect::deny, .is_pattern = true}, line);
    if (take_prefix(line, "deny "))
      return on_rule({.what = effect::deny, .user = user_}, line);
    return fail("a line begins with \"user \", \"topic \", \"pattern \", "
                "\"deny \" or \"deny pattern \"");
  }

  bool on_user(bytes_view name) {
    if (name.empty())
      return fail("a user has a name");
    user_ = name;
    return true;
  }

  bool on_rule(acl_rule rule, bytes_view rest) {
    rule.is_read = take_prefix(rest, "read ");
    rule.is_write = !rule.is_read && take_prefix(rest, "write ");
    if (!rule.is_read && !rule.is_write)
      rule.is_read = rule.is_write = true;
    rest = trim_blanks(rest);
    rule.filter = rest;
    if (!is_acl_filter(rest)) {
      // To leave out what was forbidden would allow it.
      if (rule.what == effect::deny)
        return fail("not a valid topic filter");
      warn("not a valid topic filter; the line is left out");
      return true;
    }
    for (const auto word : foreign_words)
      if (rest.starts_with(word))
        warn("'" + std::string{word} + "' is taken for a part of the filter");
    found_.rules.push_back(std::move(rule));
    return true;
  }

  bool fail(const char* what) {
    fault_ = {lines_.number(), what};
    return false;
  }

  void warn(std::string what) {
    found_.warnings.push_back({lines_.number(), std::move(what)});
  }

  text_lines lines_;
  std::optional<std::string> user_;
  acl_rules found_;
  text_fault fault_;
};

} // namespace

bool is_acl_filter(bytes_view filter) noexcept {
  const mqtt::topic_limits limits{acl_levels_max, 65'535};
  static_cast<void>(take_prefix(filter, "$share/"));
  return mqtt::is_valid_utf8(filter)
         && mqtt::parse_topic_filter(filter, limits).has_value();
}

mqtt::expected<acl_rules, text_fault> parse_acl(bytes_view text) {
  return acl_parser{text}.parse();
}

} // namespace hetzel::plugins
