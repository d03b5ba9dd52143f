#include "actors/runtime/ready_queue.hpp"

#include <doctest/doctest.h>

#include <cstdint>
#include <deque>
#include <random>

namespace ready_queue_test {

using hetzel::runtime::ready_queue;

namespace {

// The queue only keeps the pointers; any distinct ones do.
caf::resumable* fake(std::uintptr_t number) {
  return reinterpret_cast<caf::resumable*>(number);
}

} // namespace

TEST_CASE("a ready queue is first in, first out, whatever it grows and wraps") {
  ready_queue queue;
  std::deque<caf::resumable*> oracle;
  std::mt19937_64 random{7};
  for (std::uintptr_t i = 1; i < 20'000; ++i) {
    // Phases that grow and phases that shrink.
    const unsigned push_percent = i / 1000 % 2 ? 40 : 60;
    const bool pushes = oracle.empty() || random() % 100 < push_percent;
    if (pushes) {
      queue.push(fake(i));
      oracle.push_back(fake(i));
    } else {
      REQUIRE(queue.pop() == oracle.front());
      oracle.pop_front();
    }
    REQUIRE(queue.size() == oracle.size());
  }
  for (; !oracle.empty(); oracle.pop_front())
    REQUIRE(queue.pop() == oracle.front());
  CHECK(queue.empty());
}

} // namespace ready_queue_test
