#pragma once

#include "actors/node/config/node_config.hpp"
#include "actors/node/config/setting.hpp"
#include "actors/node/config/value.hpp"
#include "protocol/expected.hpp"

#include <map>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace hetzel::node {

/// The place of an entry that nobody set.
inline constexpr std::string_view default_place = "default";

/// One key with the value in force.
struct config_entry {
  const key_facts* facts = nullptr;
  /// As it was written.
  std::string text;
  value parsed;
  /// Who wrote it: `setting::place`, or `default_place`.
  std::string place;
};

/// Every key, and every option of every listener (`listeners.tcp.<name>.…`),
/// what was inherited and the defaults included.
using config_entries = std::map<std::string, config_entry, std::less<>>;

/// A configuration that passed all checks.
struct configuration {
  config_entries entries;
  node_config values;
  /// What was ignored: variables with our prefix that name no key. They may
  /// belong to somebody else (Kubernetes makes HETZEL_PORT for a service that
  /// is called hetzel), so they are no error.
  std::vector<problem> warnings;
};

/// Checks and merges `sources`, which stand in rising precedence. Where no
/// listener has an address there is one, `listeners.tcp.default`. Otherwise
/// everything that is wrong, in the order it was found.
[[nodiscard]] mqtt::expected<configuration, std::vector<problem>>
resolve(std::span<const settings_read> sources);

/// The values of a complete set of entries.
[[nodiscard]] node_config build(const config_entries& entries);

} // namespace hetzel::node
