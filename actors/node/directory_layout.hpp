#pragma once

#include <cstddef>
#include <filesystem>
#include <string>

/// Where a node has what in its data directory.

namespace hetzel::node {

/// A store of `cluster/metadata`.
[[nodiscard]] inline std::filesystem::path
metadata_folder(const std::filesystem::path& data_dir) {
  return data_dir / "metadata";
}

/// A folder for each shard of the message store, named by its number.
[[nodiscard]] inline std::filesystem::path
messages_folder(const std::filesystem::path& data_dir) {
  return data_dir / "messages";
}

[[nodiscard]] inline std::filesystem::path
message_shard_folder(const std::filesystem::path& data_dir,
                     std::size_t number) {
  return messages_folder(data_dir) / std::to_string(number);
}

} // namespace hetzel::node
