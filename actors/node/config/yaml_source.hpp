#pragma once

#include "actors/node/config/setting.hpp"

#include <filesystem>
#include <string>

namespace hetzel::node {

/// Reads a configuration file. Nested maps and dotted keys are the same:
/// `listeners: {tcp: {default: …}}` is `listeners.tcp.default: …`; a list is
/// its values with commas between them. A file that cannot be read, or is not
/// YAML, is one problem; so is everything in it that is neither map, list of
/// plain values nor plain value.
[[nodiscard]] settings_read read_yaml(const std::filesystem::path& file);

/// The same of a text; `name` is what problems call it.
[[nodiscard]] settings_read parse_yaml(const std::string& text,
                                       const std::string& name);

} // namespace hetzel::node
