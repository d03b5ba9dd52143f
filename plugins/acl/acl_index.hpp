#pragma once

#include "plugins/acl/acl_rule.hpp"
#include "plugins/acl/acl_tree.hpp"

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>

namespace hetzel::plugins {

struct acl_options {
  /// Whether a rule for a filter also lets a client take part in a share group
  /// of it. VerneMQ wants `$share/<group>/` in the rule (or `#`).
  bool covers_shared = false;
};

enum class acl_verdict : unsigned char {
  next,  ///< no rule is about it
  allow, ///< a rule allows it and none denies it
  deny,  ///< a rule denies it, whatever others allow
};

/// Rules compiled for looking up: by user, then level by level. Immutable.
///
/// A topic name is allowed when it matches a rule. A filter is allowed when one
/// rule matches everything that the filter can match (VerneMQ compares its
/// wildcards as text, so that `a/+` lets `a/#` pass), and denied when a rule
/// that denies matches anything that it can match. Wildcards of rules match
/// server topics too (`#` covers `$SYS/…`), those of requests do not.
///
/// Of `$share/<group>/<filter>` the filter is what messages come by: what
/// denies or fails to allow the filter holds for the group too, and beside it a
/// rule must match `$share/<group>/<filter>` as a whole, as in VerneMQ, unless
/// `covers_shared`. A rule that begins with `$share/` is enough for its group.
class acl_index {
public:
  explicit acl_index(const std::vector<acl_rule>& rules,
                     acl_options options = {});

  /// `who.user_name` chooses the rules of a user.
  [[nodiscard]] acl_verdict
  may_publish(const acl_client& who,
              mqtt::bytes_view topic_name) const noexcept;

  /// `topic_filter` is valid.
  [[nodiscard]] acl_verdict
  may_subscribe(const acl_client& who,
                mqtt::bytes_view topic_filter) const noexcept;

private:
  struct name_hash {
    using is_transparent = void;
    std::size_t operator()(std::string_view name) const noexcept {
      return std::hash<std::string_view>{}(name);
    }
  };

  /// Where the rules of a user begin: of filters as clients publish to and
  /// subscribe with, and of those that begin with `$share/`.
  struct roots {
    acl_tree::place plain = acl_tree::nowhere;
    acl_tree::place shared = acl_tree::nowhere;
  };

  void add(const acl_rule& rule);
  [[nodiscard]] roots roots_of(const acl_client& who) const noexcept;
  [[nodiscard]] bool covers(const roots& user, const acl_client& who,
                            mqtt::bytes_view topic_filter) const noexcept;
  [[nodiscard]] bool denies(const roots& user, const acl_client& who,
                            mqtt::bytes_view full,
                            mqtt::bytes_view plain) const noexcept;
  [[nodiscard]] bool allows_shared(const roots& user, const acl_client& who,
                                   mqtt::bytes_view full,
                                   mqtt::bytes_view plain) const noexcept;

  acl_options options_;
  acl_tree tree_;
  roots all_;
  std::unordered_map<std::string, roots, name_hash, std::equal_to<>> users_;
  bool has_denials_ = false;
};

} // namespace hetzel::plugins
