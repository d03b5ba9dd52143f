#pragma once

#include "actors/admin/reply.hpp"

#include <chrono>
#include <filesystem>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace hetzel::admin {

/// What somebody asks a command to do.
struct request {
  /// Behind the command's own words.
  std::vector<std::string> arguments{};
  /// Where the one who asks is; empty: nobody said.
  std::filesystem::path folder{};

  /// The path that a word means; nullopt: it is relative, and nobody said to
  /// what.
  [[nodiscard]] std::optional<std::filesystem::path>
  path(const std::string& word) const;
};

/// What of a command the log keeps, with who gave it.
enum class command_record : unsigned char {
  none,  ///< it only looks
  name,  ///< its arguments may be secrets
  words, ///< everything
};

/// One thing an operator can ask of a node. A row:
///
///   registry.add({.name = "listener stop", .arguments = "NAME",
///                 .summary = "Accepts no more connections on a listener.",
///                 .arguments_min = 1, .arguments_max = 1,
///                 .record = command_record::words,
///                 .run = [&](const request& what, const reply& to) { … }});
struct command {
  /// One or more words, each of lower-case letters and '-'.
  std::string name{};
  /// As help shows them: "NAME", "[DEPTH]".
  std::string arguments{};
  /// A sentence.
  std::string summary{};
  /// What else there is to know, a line each; for `help NAME`.
  std::vector<std::string> details{};
  std::size_t arguments_min = 0;
  std::size_t arguments_max = 0;
  command_record record = command_record::none;
  /// After which whoever asked is told that nothing came; what the command
  /// began goes on.
  std::chrono::milliseconds deadline = std::chrono::seconds{30};
  /// Runs on the thread of the control socket: must not block, and may keep
  /// the reply to answer later, from any thread. An exception is a failure of
  /// the command.
  std::function<void(const request& what, const reply& to)> run{};
};

/// The commands of a node by name. Filled before the first is run, unchanged
/// from then on.
class command_registry {
public:
  /// With `help` in it, which lists the others.
  command_registry();

  command_registry(const command_registry&) = delete;
  command_registry& operator=(const command_registry&) = delete;

  /// Each name once, and none is the beginning of another's words and an
  /// argument at the same time: the longest name that fits is meant.
  void add(command row);

  /// The command that these words begin with; null: none.
  [[nodiscard]] const command*
  find(const std::vector<std::string>& words) const;

  [[nodiscard]] const std::map<std::string, command, std::less<>>&
  rows() const noexcept {
    return rows_;
  }

private:
  void help(const request& what, const reply& to) const;

  std::map<std::string, command, std::less<>> rows_;
};

/// "tree [ACTOR [DEPTH]]"
[[nodiscard]] std::string usage_of(const command& row);

struct parsed_request {
  /// Null: there is no such command.
  const command* found = nullptr;
  request what{};
  /// Why nothing can be run; empty otherwise.
  std::string mistake{};
};

/// What the words of a request line mean.
[[nodiscard]] parsed_request understand(const command_registry& registry,
                                        std::vector<std::string> words);

/// Runs it, or answers with the mistake; what the command throws is a failure
/// of it.
void run(const parsed_request& asked, const reply& to);

} // namespace hetzel::admin
