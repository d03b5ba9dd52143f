#pragma once

#include <map>
#include <string>
#include <vector>

#include <sys/types.h>

/// A part of a test that needs a process of its own. The part is a test case
/// that is skipped otherwise; the child is this very executable again, told to
/// run that one alone. It speaks to its parent by lines.

namespace hetzel::test {

class child_role {
public:
  /// Starts the test case of that name; `words` are what `child_word` gives.
  child_role(const std::string& test_case,
             const std::map<std::string, std::string>& words);

  child_role(const child_role&) = delete;
  child_role& operator=(const child_role&) = delete;

  /// Kills a child that is still there.
  ~child_role();

  [[nodiscard]] pid_t id() const noexcept { return id_; }

  /// Waits for the next line; empty when the child has said its last.
  [[nodiscard]] std::string next_line();

  /// SIGKILL, and waits for the end.
  void kill();

  /// Waits for the end: all lines that were not read, and the exit code.
  [[nodiscard]] std::vector<std::string> rest(int* exit_code = nullptr);

private:
  void wait();

  pid_t id_ = -1;
  int from_ = -1;
  int to_ = -1;
  int status_ = 0;
  std::string buffer_;
};

/// In the child: a word of its parent's, and a line to it.
[[nodiscard]] std::string child_word(const std::string& name);
void child_says(const std::string& line);

/// In the child: waits until the parent is gone or has closed its end.
void child_waits();

} // namespace hetzel::test
