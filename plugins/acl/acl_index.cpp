#include "plugins/acl/acl_index.hpp"

#include "protocol/topic.hpp"

namespace hetzel::plugins {

namespace {

using mqtt::bytes_view;
using effect = acl_rule::effect;

constexpr bytes_view share_prefix = "$share/";

acl_tree::grants grants_of(const acl_rule& rule) noexcept {
  const auto is_denial = rule.what == effect::deny;
  acl_tree::grants what = 0;
  if (rule.is_read)
    what |= is_denial ? acl_tree::deny_read : acl_tree::read;
  if (rule.is_write)
    what |= is_denial ? acl_tree::deny_write : acl_tree::write;
  return what;
}

constexpr acl_tree::grants about_reading
  = acl_tree::read | acl_tree::deny_read;

/// `<filter>` of `$share/<group>/<filter>`, else all of it.
bytes_view without_group(bytes_view topic_filter) noexcept {
  if (!take_prefix(topic_filter, share_prefix))
    return topic_filter;
  static_cast<void>(take_until(topic_filter, '/'));
  return topic_filter;
}

} // namespace

acl_index::acl_index(const std::vector<acl_rule>& rules, acl_options options)
  : options_(options) {
  all_ = {tree_.add_root(), tree_.add_root()};
  for (const auto& one : rules)
    add(one);
}

void acl_index::add(const acl_rule& rule) {
  auto* into = &all_;
  if (rule.user) {
    auto& user = users_[*rule.user];
    if (user.plain == acl_tree::nowhere)
      user = {tree_.add_root(), tree_.add_root()};
    into = &user;
  }
  const auto what = grants_of(rule);
  has_denials_ = has_denials_ || rule.what == effect::deny;
  bytes_view filter = rule.filter;
  auto in_group = filter;
  if (take_prefix(in_group, share_prefix)) {
    tree_.insert(into->shared,
                 {in_group, rule.is_pattern,
                  static_cast<acl_tree::grants>(what & about_reading)});
    tree_.insert(into->plain,
                 {filter, rule.is_pattern,
                  static_cast<acl_tree::grants>(what & ~about_reading)});
  } else {
    tree_.insert(into->plain, {filter, rule.is_pattern, what});
  }
}

acl_verdict acl_index::may_publish(const acl_client& who,
                                   bytes_view topic_name) const noexcept {
  // Without denials the first rule that allows is the answer.
  const auto enough = has_denials_ ? acl_tree::grants{0} : acl_tree::write;
  const acl_tree::request asked{who, topic_name};
  auto found = tree_.covering(all_.plain, asked, enough);
  if ((found & enough) == 0)
    found |= tree_.covering(roots_of(who).plain, asked, enough);
  if ((found & acl_tree::deny_write) != 0)
    return acl_verdict::deny;
  return (found & acl_tree::write) != 0 ? acl_verdict::allow
                                        : acl_verdict::next;
}

acl_verdict acl_index::may_subscribe(const acl_client& who,
                                     bytes_view topic_filter) const noexcept {
  const auto user = roots_of(who);
  const auto plain = without_group(topic_filter);
  const auto is_shared = plain.size() != topic_filter.size();
  if (has_denials_ && denies(user, who, topic_filter, plain))
    return acl_verdict::deny;
  const auto is_allowed = is_shared
                            ? allows_shared(user, who, topic_filter, plain)
                            : covers(user, who, plain);
  return is_allowed ? acl_verdict::allow : acl_verdict::next;
}

acl_index::roots acl_index::roots_of(const acl_client& who) const noexcept {
  if (!who.user_name || users_.empty())
    return {};
  const auto found = users_.find(*who.user_name);
  return found == users_.end() ? roots{} : found->second;
}

bool acl_index::covers(const roots& user, const acl_client& who,
                       bytes_view topic_filter) const noexcept {
  const acl_tree::request asked{who, topic_filter};
  const auto found
    = tree_.covering(all_.plain, asked, acl_tree::read)
      | tree_.covering(user.plain, asked, acl_tree::read);
  return (found & acl_tree::read) != 0;
}

bool acl_index::denies(const roots& user, const acl_client& who,
                       bytes_view full, bytes_view plain) const noexcept {
  for (const auto& rules : {all_, user}) {
    if (tree_.intersects(rules.plain, {who, plain}, acl_tree::deny_read))
      return true;
    if (full.size() == plain.size())
      continue;
    const auto in_group = full.substr(share_prefix.size());
    if (tree_.intersects(rules.shared, {who, in_group, 1},
                         acl_tree::deny_read))
      return true;
  }
  return false;
}

bool acl_index::allows_shared(const roots& user, const acl_client& who,
                              bytes_view full,
                              bytes_view plain) const noexcept {
  const acl_tree::request asked{who, full.substr(share_prefix.size()), 1};
  for (const auto& rules : {all_, user})
    if ((tree_.covering(rules.shared, asked, acl_tree::read) & acl_tree::read)
        != 0)
      return true;
  return covers(user, who, plain)
         && (options_.covers_shared || covers(user, who, full));
}

} // namespace hetzel::plugins
