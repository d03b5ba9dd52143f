#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace hetzel::node {

/// Where a setting comes from, in rising precedence.
enum class source_kind : unsigned char { file, environment, argument };

/// A key with its text, as somebody wrote it; nothing is checked yet.
struct setting {
  /// Dotted: `listeners.tcp.default`.
  std::string key;
  std::string text;
  source_kind source{};
  /// For people: "etc/hetzel.yaml:12", "HETZEL_MAX_SESSIONS", "--set".
  std::string place;
  /// The key stands there with nothing behind it.
  bool is_empty = false;
};

/// Something that is wrong with the configuration.
struct problem {
  std::string place;
  /// Empty when no single key is at fault.
  std::string key;
  std::string what;

  /// "place: key: what".
  [[nodiscard]] std::string to_string() const;
};

/// Settings and what was wrong while they were read; both may be there.
struct settings_read {
  std::vector<setting> settings;
  std::vector<problem> problems;
};

} // namespace hetzel::node
