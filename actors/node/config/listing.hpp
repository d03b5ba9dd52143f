#pragma once

#include "actors/node/config/configuration.hpp"

#include <string>
#include <string_view>

/// The configuration as people read it. Secrets are never shown.

namespace hetzel::node {

/// Every key in force, one a line, as YAML that means the same when it is
/// read; a comment says where a value that is no default comes from.
[[nodiscard]] std::string list_entries(const config_entries& entries);

/// What a key is, what it may be, what it is now. The error is that of
/// `find_key`.
[[nodiscard]] mqtt::expected<std::string, std::string>
describe_key(std::string_view key, const config_entries& entries);

} // namespace hetzel::node
