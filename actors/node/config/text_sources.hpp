#pragma once

#include "actors/node/config/setting.hpp"

#include <string_view>

namespace hetzel::node {

/// The prefix of variables that set a key: HETZEL_LISTENERS__TCP__DEFAULT is
/// `listeners.tcp.default`, lower case, `__` for a dot.
inline constexpr std::string_view environment_prefix = "HETZEL_";

/// Reads the variables with the prefix from a null-terminated list of
/// "NAME=text", such as `environ`.
[[nodiscard]] settings_read read_environment(const char* const* environment);

/// Reads one `key=text` of the command line.
[[nodiscard]] settings_read read_argument(std::string_view argument);

} // namespace hetzel::node
