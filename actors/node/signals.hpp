#pragma once

#include <csignal>

namespace hetzel::node {

/// The signals that a node answers: SIGTERM and SIGINT (stop), SIGHUP (read
/// the configuration again). Made first in `main`, so that every thread
/// inherits the mask and signals come to `wait` alone. SIGPIPE and SIGXFSZ are
/// ignored: a write to a socket that a peer closed, or to a file that must not
/// grow, is an errno like others.
class signals {
public:
  signals() noexcept;

  /// The next one of them.
  [[nodiscard]] int wait() const noexcept;

  /// From now on SIGTERM and SIGINT end the process at once, as they do by
  /// default: for somebody who has no patience with an orderly stop.
  void end_at_once() const noexcept;

private:
  sigset_t set_;
};

} // namespace hetzel::node
