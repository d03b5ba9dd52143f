#include "actors/node/reload_desk.hpp"

#include <doctest/doctest.h>

#include <csignal>
#include <string>
#include <vector>

namespace reload_desk_test {

using namespace hetzel;
using namespace hetzel::node;

namespace {

using words = std::vector<std::string>;

/// SIGHUP waits for nobody while this lives.
struct held_signal {
  held_signal() {
    sigemptyset(&set);
    sigaddset(&set, SIGHUP);
    pthread_sigmask(SIG_BLOCK, &set, &before);
  }
  ~held_signal() { pthread_sigmask(SIG_SETMASK, &before, nullptr); }

  [[nodiscard]] bool take() const {
    const timespec at_once{};
    return sigtimedwait(&set, nullptr, &at_once) == SIGHUP;
  }

  sigset_t set;
  sigset_t before;
};

admin::reply hears(words& into) {
  return admin::reply{[&into](admin::answer_part part) {
    into.insert(into.end(), part.lines.begin(), part.lines.end());
    if (part.end && !part.end->sentence.empty())
      into.push_back(part.end->sentence);
  }};
}

} // namespace

TEST_CASE("who asks makes the signal come, and is answered by who takes it") {
  const held_signal held;
  reload_desk desk;
  words first;
  words second;
  desk.ask(hears(first));
  CHECK(held.take());
  const auto waiting = desk.take();
  desk.ask(hears(second));
  CHECK(held.take());
  answer(waiting, {.lines = {"applied: x"}});
  CHECK(first == words{"applied: x"});
  CHECK(second.empty());
  answer(desk.take(), {.is_rejected = true, .lines = {"f.yaml:1: no"}});
  CHECK(second
        == words{"f.yaml:1: no",
                 "the configuration is faulty; nothing has changed"});
  CHECK(desk.take().empty());
}

} // namespace reload_desk_test
