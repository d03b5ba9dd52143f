#pragma once

#include <cstdio>
#include <cstdlib>

namespace hetzel::persistence {

/// Ends the program: a wrong log is worse than a lost node.
[[noreturn, gnu::cold, gnu::noinline]] inline void
fail_invariant(const char* expression, const char* file, int line) {
  std::fprintf(stderr, "invariant of the store failed: %s at %s:%d\n",
               expression, file, line);
  std::abort();
}

} // namespace hetzel::persistence

/// HETZEL_ASSERT for code that owns what is on disk: aborts instead of
/// throwing; checked in release builds too.
#define HETZEL_INVARIANT(condition)                                            \
  (static_cast<bool>(condition)                                                \
     ? static_cast<void>(0)                                                    \
     : ::hetzel::persistence::fail_invariant(#condition, __FILE__, __LINE__))
