#include "actors/node/signals.hpp"

#include <initializer_list>

namespace hetzel::node {

signals::signals() noexcept {
  sigemptyset(&set_);
  for (const int number : {SIGTERM, SIGINT, SIGHUP})
    sigaddset(&set_, number);
  pthread_sigmask(SIG_BLOCK, &set_, nullptr);
  ::signal(SIGPIPE, SIG_IGN);
  // A file that must not grow is an error of the write, as a full disk is.
  ::signal(SIGXFSZ, SIG_IGN);
}

int signals::wait() const noexcept {
  int number = 0;
  while (sigwait(&set_, &number) != 0) {
    // Only EINVAL is possible, and the set is valid.
  }
  return number;
}

void signals::end_at_once() const noexcept {
  sigset_t termination;
  sigemptyset(&termination);
  for (const int number : {SIGTERM, SIGINT})
    sigaddset(&termination, number);
  // SIGHUP stays blocked: a reload that nobody can use any more ends nothing.
  pthread_sigmask(SIG_UNBLOCK, &termination, nullptr);
}

} // namespace hetzel::node
