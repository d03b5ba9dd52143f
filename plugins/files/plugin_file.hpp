#pragma once

#include "plugins/files/text_lines.hpp"
#include "protocol/expected.hpp"

#include <filesystem>
#include <string>
#include <utility>

namespace hetzel::plugins {

/// A file that a plugin stands on. It may be missing as long as it was never
/// read, and is empty then; once it was there it is missed.
class plugin_file {
public:
  /// `plugin` is for the log.
  plugin_file(std::string plugin, std::filesystem::path path)
    : plugin_(std::move(plugin)), path_(std::move(path)) {}

  [[nodiscard]] const std::filesystem::path& path() const noexcept {
    return path_;
  }

  /// Blocks. The error is a sentence that names the file.
  [[nodiscard]] mqtt::expected<std::string, std::string> read();

  /// `file:line: what`
  [[nodiscard]] std::string sentence(const text_fault& fault) const;

private:
  std::string plugin_;
  std::filesystem::path path_;
  bool was_there_ = false;
};

} // namespace hetzel::plugins
