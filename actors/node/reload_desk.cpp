#include "actors/node/reload_desk.hpp"

#include <csignal>
#include <utility>

#include <unistd.h>

namespace hetzel::node {

void reload_desk::ask(admin::reply to) {
  {
    const std::lock_guard guard{mutex_};
    waiting_.push_back(std::move(to));
  }
  ::kill(::getpid(), SIGHUP);
}

std::vector<admin::reply> reload_desk::take() {
  const std::lock_guard guard{mutex_};
  return std::exchange(waiting_, {});
}

void answer(const std::vector<admin::reply>& waiting,
            const reload_outcome& outcome) {
  for (const auto& one : waiting) {
    if (!outcome.is_rejected) {
      one.done(outcome.lines);
      continue;
    }
    for (const auto& line : outcome.lines)
      one.line(line);
    one.fail("the configuration is faulty; nothing has changed");
  }
}

} // namespace hetzel::node
