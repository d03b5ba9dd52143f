#pragma once

#include "plugins/files/text_file.hpp"

#include <filesystem>
#include <optional>
#include <utility>
#include <vector>

namespace hetzel::plugins {

/// Tells whether files have changed since they were looked at last. Looking
/// blocks.
class watched_files {
public:
  explicit watched_files(std::vector<std::filesystem::path> paths)
    : paths_(std::move(paths)), stamps_(paths_.size()) {}

  /// True at the first call, and when one has changed, has come or has gone
  /// since the last one.
  [[nodiscard]] bool have_changed() {
    auto changed = std::exchange(is_first_, false);
    for (std::size_t i = 0; i < paths_.size(); ++i) {
      const auto now = stamp_of(paths_[i]);
      changed = changed || now != stamps_[i];
      stamps_[i] = now;
    }
    return changed;
  }

private:
  std::vector<std::filesystem::path> paths_;
  std::vector<std::optional<file_stamp>> stamps_;
  bool is_first_ = true;
};

} // namespace hetzel::plugins
