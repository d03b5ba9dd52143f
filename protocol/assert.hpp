#pragma once

#include <stdexcept>
#include <string>

namespace hetzel {

/// A broken invariant of our own: never a peer's fault, never the world's.
/// In an actor it ends that actor alone; its supervisor decides what follows.
class assertion_failed : public std::logic_error {
public:
  assertion_failed(const char* expression, const char* file, int line)
    : std::logic_error("assertion failed: " + std::string(expression) + " at "
                       + file + ":" + std::to_string(line)),
      expression_(expression),
      file_(file),
      line_(line) {}

  /// The condition as it was written; lives as long as the program.
  [[nodiscard]] const char* expression() const noexcept { return expression_; }
  [[nodiscard]] const char* file() const noexcept { return file_; }
  [[nodiscard]] int line() const noexcept { return line_; }

private:
  const char* expression_;
  const char* file_;
  int line_;
};

/// Out of line, so that an assertion costs its place one compare and one
/// branch that is never taken.
[[noreturn, gnu::cold, gnu::noinline]] inline void
fail_assertion(const char* expression, const char* file, int line) {
  throw assertion_failed(expression, file, line);
}

} // namespace hetzel

/// Throws `hetzel::assertion_failed` unless `condition` holds; checked in
/// release builds too. The condition is evaluated exactly once.
#define HETZEL_ASSERT(condition)                                               \
  (static_cast<bool>(condition)                                                \
     ? static_cast<void>(0)                                                    \
     : ::hetzel::fail_assertion(#condition, __FILE__, __LINE__))
