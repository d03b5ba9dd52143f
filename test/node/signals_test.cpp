#include "actors/node/signals.hpp"

#include <doctest/doctest.h>

#include <initializer_list>

#include <sys/wait.h>
#include <unistd.h>

namespace signals_test {

using namespace hetzel::node;

namespace {

/// Runs `body` in a process of its own, since signals are the whole process's;
/// returns how it ended.
template <class Body>
int end_of_child(Body body) {
  const auto child = ::fork();
  if (child == 0) {
    // Those of the test framework would report a crash.
    for (const int number : {SIGTERM, SIGINT, SIGHUP})
      ::signal(number, SIG_DFL);
    ::_exit(body());
  }
  int status = 0;
  ::waitpid(child, &status, 0);
  return status;
}

} // namespace

TEST_CASE("a signal that comes before anybody waits is not lost") {
  for (const int number : {SIGTERM, SIGINT, SIGHUP}) {
    const int status = end_of_child([number] {
      const signals wanted;
      ::kill(::getpid(), number);
      return wanted.wait() == number ? 0 : 1;
    });
    CHECK(WIFEXITED(status));
    CHECK(WEXITSTATUS(status) == 0);
  }
}

TEST_CASE("a second SIGTERM ends the process at once") {
  const int status = end_of_child([] {
    const signals wanted;
    ::kill(::getpid(), SIGTERM);
    const int first = wanted.wait();
    wanted.end_at_once();
    ::kill(::getpid(), first);
    return 0;
  });
  CHECK(WIFSIGNALED(status));
  CHECK(WTERMSIG(status) == SIGTERM);
}

TEST_CASE("a reload during the stop ends nothing") {
  const int status = end_of_child([] {
    const signals wanted;
    wanted.end_at_once();
    ::kill(::getpid(), SIGHUP);
    return 0;
  });
  CHECK(WIFEXITED(status));
}

TEST_CASE("a write to a closed pipe is an error, no death") {
  const int status = end_of_child([] {
    const signals wanted;
    int ends[2] = {-1, -1};
    if (::pipe(ends) != 0)
      return 2;
    ::close(ends[0]);
    return ::write(ends[1], "x", 1) == -1 ? 0 : 1;
  });
  CHECK(WIFEXITED(status));
  CHECK(WEXITSTATUS(status) == 0);
}

} // namespace signals_test
