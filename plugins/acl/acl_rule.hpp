#pragma once

#include "plugins/files/text_lines.hpp"
#include "protocol/expected.hpp"

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

/// The rules of an ACL file as they are written:
///
///   file    := { line LF }
///   line    := "" | "#" anything
///            | "user " name
///            | "topic " [access] filter
///            | "pattern " [access] filter
///            | "deny " [access] filter
///            | "deny pattern " [access] filter
///   access  := "read " | "write "
///
/// Everything but the `deny` lines is VerneMQ's and mosquitto's. Lines behind a
/// `user` line are about that user, those in front of the first one about every
/// client; `pattern` lines are about every client wherever they stand.

namespace hetzel::plugins {

/// Levels of a filter; longer ones are not valid.
inline constexpr std::size_t acl_levels_max = 128;

struct acl_rule {
  enum class effect : unsigned char { allow, deny };

  effect what = effect::allow;
  /// Subscribing, publishing.
  bool is_read = false;
  bool is_write = false;
  /// A level that is exactly %m, %c or %u stands for mountpoint, client id or
  /// user name.
  bool is_pattern = false;
  /// Nullopt: every client.
  std::optional<std::string> user{};
  /// A valid filter, `$share/` included.
  std::string filter{};
};

struct acl_rules {
  std::vector<acl_rule> rules;
  /// Lines that mean nothing, or not what they seem to. None of them lets
  /// anybody do more.
  std::vector<text_fault> warnings;
};

/// Whether a rule may have that filter: a valid one, or `$share/` with a
/// wildcard for the group, which no subscription may have.
[[nodiscard]] bool is_acl_filter(mqtt::bytes_view filter) noexcept;

/// The first line that is none of the grammar, or denies what is no valid
/// filter, makes the whole text useless. One that allows what is no valid
/// filter is left out with a warning.
[[nodiscard]] mqtt::expected<acl_rules, text_fault>
parse_acl(mqtt::bytes_view text);

} // namespace hetzel::plugins
