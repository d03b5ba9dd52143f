#include "actors/runtime/reactor_inbox.hpp"

#include <doctest/doctest.h>

#include <cstdint>

namespace reactor_inbox_test {

using hetzel::runtime::reactor_inbox;

namespace {

caf::resumable* fake(std::uintptr_t number) {
  return reinterpret_cast<caf::resumable*>(number);
}

using verdict = reactor_inbox::verdict;

} // namespace

TEST_CASE("only the first to put something in a sleeper's inbox wakes it") {
  reactor_inbox inbox;
  CHECK(inbox.put(fake(1)) == verdict::taken);
  reactor_inbox::content taken;
  inbox.take(taken);
  CHECK(taken.ready.size() == 1);
  REQUIRE(inbox.try_sleep());
  CHECK(inbox.put(fake(2)) == verdict::wake);
  CHECK(inbox.put(fake(3)) == verdict::taken);
  CHECK(inbox.put([] {}) == verdict::taken);
}

TEST_CASE("nobody falls asleep on a filled inbox") {
  reactor_inbox inbox;
  inbox.put(fake(1));
  CHECK(!inbox.is_empty());
  CHECK(!inbox.try_sleep());
}

TEST_CASE("nobody falls asleep any more once he is to stay awake") {
  reactor_inbox awake;
  CHECK(!awake.keep_awake());
  CHECK(!awake.try_sleep());
  reactor_inbox asleep;
  REQUIRE(asleep.try_sleep());
  CHECK(asleep.keep_awake());
  CHECK(!asleep.try_sleep());
}

TEST_CASE("one who woke by himself needs no waking") {
  reactor_inbox inbox;
  REQUIRE(inbox.try_sleep());
  inbox.wake();
  CHECK(inbox.put(fake(1)) == verdict::taken);
}

TEST_CASE("who found the reactor asleep counts as a waker until he is "
          "through") {
  reactor_inbox inbox;
  CHECK(!inbox.has_wakers());
  REQUIRE(inbox.try_sleep());
  REQUIRE(inbox.put(fake(1)) == verdict::wake);
  CHECK(inbox.put(fake(2)) == verdict::taken);
  CHECK(inbox.has_wakers());
  inbox.woken();
  CHECK(!inbox.has_wakers());
}

TEST_CASE("an inbox closes only when it is empty and refuses everything then") {
  reactor_inbox inbox;
  inbox.put(fake(1));
  CHECK(!inbox.try_close());
  CHECK(inbox.put(fake(2)) == verdict::taken);
  reactor_inbox::content taken;
  inbox.take(taken);
  CHECK(inbox.try_close());
  CHECK(inbox.put(fake(3)) == verdict::closed);
  CHECK(inbox.put([] {}) == verdict::closed);
}

} // namespace reactor_inbox_test
