#pragma once

#include "protocol/basic_types.hpp"
#include "protocol/expected.hpp"

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>

/// Whole files that somebody else may replace at any moment. All of it blocks.
/// Errors are sentences for the operator that name the path.

namespace hetzel::plugins {

/// Larger files are refused.
inline constexpr std::size_t text_file_size_max = 256U << 20U;

[[nodiscard]] mqtt::expected<std::string, std::string>
read_text_file(const std::filesystem::path& path);

/// What changes when a file is written or replaced.
struct file_stamp {
  std::uint64_t device = 0;
  std::uint64_t inode = 0;
  std::uint64_t size = 0;
  std::int64_t modified_ns = 0;

  bool operator==(const file_stamp&) const = default;
};

/// Nullopt when there is no such file, or none that can be looked at.
[[nodiscard]] std::optional<file_stamp>
stamp_of(const std::filesystem::path& path) noexcept;

/// Who reads meanwhile sees the old file or the new one, and after a loss of
/// power there is one of the two. The new file keeps owner, group and mode of
/// the old one but for what everybody may do; without an old one the mode is
/// 0600. A symbolic link stays one: what it points to is replaced.
[[nodiscard]] mqtt::expected<void, std::string>
replace_text_file(const std::filesystem::path& path, mqtt::bytes_view text);

} // namespace hetzel::plugins
