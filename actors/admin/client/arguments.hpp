#pragma once

#include "protocol/expected.hpp"

#include <chrono>
#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace hetzel::admin {

/// What `hetzelctl` was asked to do.
struct ctl_arguments {
  enum class task : unsigned char { ask, help, version };

  task what = task::ask;
  std::filesystem::path socket;
  /// Without a line from the node; nullopt: as long as it takes.
  std::optional<std::chrono::seconds> patience;
  /// The command, its arguments.
  std::vector<std::string> words;
};

/// The value of a variable of the environment; null: it is not set.
using environment_lookup = std::function<const char*(const char* name)>;

/// Options stand before the command. Where none says which socket, variables
/// HETZEL_CONTROL_SOCKET and HETZEL_DATA_DIR do, as they do for the node. The
/// error is a sentence.
[[nodiscard]] mqtt::expected<ctl_arguments, std::string>
parse_ctl_arguments(const std::vector<std::string>& words,
                    const environment_lookup& environment);

extern const std::string_view ctl_usage;

} // namespace hetzel::admin
