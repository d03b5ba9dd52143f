#pragma once

#include "actors/node/config/configuration.hpp"

#include <filesystem>
#include <string>
#include <vector>

namespace hetzel::node {

/// Where a node's configuration is written down; read again at SIGHUP.
struct config_sources {
  /// Empty: no file.
  std::filesystem::path file;
  /// Null-terminated, like `environ`; null: none.
  const char* const* environment = nullptr;
  /// `key=text`, the later ones prevail.
  std::vector<std::string> arguments;
};

/// Reads everything anew and resolves it.
[[nodiscard]] mqtt::expected<configuration, std::vector<problem>>
load(const config_sources& from);

} // namespace hetzel::node
