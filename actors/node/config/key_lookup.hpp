#pragma once

#include "actors/node/config/value.hpp"
#include "protocol/expected.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace hetzel::node {

inline constexpr std::string_view listeners_prefix = "listeners.";
inline constexpr std::string_view tcp_prefix = "listeners.tcp.";

/// A key of the table under the one name that it has inside: without VerneMQ's
/// `listener.` and with `.address` behind the name of a listener.
struct known_key {
  std::string name;
  const key_facts* facts;
  /// It was written as `listeners.tcp.<name>`, which a misspelt option of all
  /// TCP listeners looks like too.
  bool is_short_address = false;
};

/// The error says that there is no such key, with the nearest one there is or
/// what became of it.
[[nodiscard]] mqtt::expected<known_key, std::string>
find_key(std::string_view written);

/// Whether keys can stand below `written`, so that it may be an empty section.
[[nodiscard]] bool is_section(std::string_view written);

/// The listener in `listeners.tcp.<name>.<option>`; empty for other keys.
[[nodiscard]] std::string_view listener_of(std::string_view name) noexcept;

/// ", did you mean …?" for an option of all TCP listeners, or nothing.
[[nodiscard]] std::string suggest_tcp_option(std::string_view word);

} // namespace hetzel::node
