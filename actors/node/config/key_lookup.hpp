#pragma once

#include "actors/net/config.hpp"
#include "actors/node/config/value.hpp"
#include "protocol/expected.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace hetzel::node {

inline constexpr std::string_view listeners_prefix = "listeners.";

/// A key of the table under the one name that it has inside: without VerneMQ's
/// `listener.` and with `.address` behind the name of a listener.
struct known_key {
  std::string name;
  const key_facts* facts;
  /// It was written as `listeners.<kind>.<name>`, which a misspelt option of
  /// all listeners of a kind looks like too.
  bool is_short_address = false;
};

/// The error says that there is no such key, with the nearest one there is or
/// what became of it.
[[nodiscard]] mqtt::expected<known_key, std::string>
find_key(std::string_view written);

/// Whether keys can stand below `written`, so that it may be an empty section.
[[nodiscard]] bool is_section(std::string_view written);

/// "<kind>.<name>", in `listeners.<kind>.<name>.<option>`; empty for other
/// keys.
[[nodiscard]] std::string_view listener_of(std::string_view name) noexcept;

/// By the word in front of the first dot.
[[nodiscard]] std::optional<net::listener_kind>
kind_of(std::string_view listener) noexcept;

/// ", did you mean …?" for a key that may be a misspelt option of all
/// listeners of a kind, or nothing.
[[nodiscard]] std::string suggest_kind_option(std::string_view written);

} // namespace hetzel::node
