#pragma once

#include "protocol/expected.hpp"

#include <filesystem>
#include <string>
#include <vector>

namespace hetzel::node {

/// Exit codes of `hetzel`.
inline constexpr int exit_failure = 1; ///< the world: a port, a folder
inline constexpr int exit_usage = 2;   ///< the command line, the configuration

enum class task : unsigned char {
  run,
  check_config,
  print_config,
  describe_config,
};

/// What `hetzel` was asked to do.
struct command_line {
  task what = task::run;
  /// Empty: none.
  std::filesystem::path config_file;
  /// `--set`, in order.
  std::vector<std::string> settings;
  /// The key of `--describe-config`.
  std::string described_key;
};

/// The error is the exit code of a command line that is done with: 0 after
/// `--help` and `--version`, `exit_usage` after a mistake; what there was to
/// say is printed.
[[nodiscard]] mqtt::expected<command_line, int>
parse_command_line(int count, const char* const* words);

} // namespace hetzel::node
