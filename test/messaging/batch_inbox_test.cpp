#include "actors/messaging/batch_inbox.hpp"

#include <doctest/doctest.h>

#include <atomic>
#include <thread>
#include <vector>

namespace batch_inbox_test {

using hetzel::messaging::batch_inbox;

TEST_CASE("only what comes into an empty inbox wakes the owner") {
  batch_inbox<int> inbox;
  CHECK(inbox.put(1));
  CHECK(!inbox.put(2));
  CHECK(inbox.take(10) == std::vector{1, 2});
  CHECK(inbox.put(3));
}

TEST_CASE("what is too much for one turn stays, in order") {
  batch_inbox<int> inbox;
  for (int i = 0; i < 5; ++i)
    static_cast<void>(inbox.put(i));
  CHECK(inbox.take(2) == std::vector{0, 1});
  CHECK(!inbox.empty());
  CHECK(inbox.take(2) == std::vector{2, 3});
  CHECK(inbox.take(2) == std::vector{4});
  CHECK(inbox.empty());
  CHECK(inbox.take(2).empty());
}

TEST_CASE("nothing is lost or reordered between threads, and no wake-up") {
  constexpr int count = 20'000;
  batch_inbox<int> inbox;
  std::atomic<int> wakes{0};
  std::thread sender{[&] {
    for (int i = 0; i < count; ++i)
      if (inbox.put(i))
        wakes.fetch_add(1);
  }};
  int next = 0;
  while (next < count) {
    // The owner looks only when it was woken, until nothing is left.
    while (wakes.load() == 0)
      std::this_thread::yield();
    wakes.fetch_sub(1);
    do
      for (const int one : inbox.take(7))
        REQUIRE(one == next++);
    while (!inbox.empty());
  }
  sender.join();
  CHECK(inbox.empty());
}

} // namespace batch_inbox_test
