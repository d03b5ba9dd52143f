#include "actors/messaging/queue_loads.hpp"

#include "protocol/assert.hpp"

#include <doctest/doctest.h>

#include <atomic>
#include <thread>

namespace queue_loads_test {

using namespace hetzel::messaging;

TEST_CASE("what a reactor notes of a queue is what others read") {
  queue_loads loads;
  const queue_id queue{0, 1, 7};
  loads.set(queue, {true, 12});
  CHECK(loads.get(queue).is_online);
  CHECK(loads.get(queue).depth == 12);
  loads.set(queue, {false, 0});
  CHECK(!loads.get(queue).is_online);
  CHECK(loads.get(queue).depth == 0);
}

TEST_CASE("a queue that nobody noted anything of is offline and empty") {
  queue_loads loads;
  CHECK(!loads.get({0, 1, 0}).is_online);
  // Far beyond what was allocated, and beyond what could be.
  CHECK(!loads.get({0, 1, 3'000'000}).is_online);
  CHECK(!loads.get({0, 1, 0xFFFF'FFFF}).is_online);
}

TEST_CASE("an old id does not get the load of its slot's next owner") {
  queue_loads loads;
  loads.set({0, 2, 7}, {true, 5});
  CHECK(!loads.get({0, 1, 7}).is_online);
  CHECK(loads.get({0, 1, 7}).depth == 0);
}

TEST_CASE("neighbours do not disturb each other, also across chunks") {
  queue_loads loads;
  constexpr std::uint32_t edge = queue_loads::chunk_slots;
  for (std::uint32_t slot = edge - 2; slot < edge + 2; ++slot)
    loads.set({0, 1, slot}, {true, slot});
  for (std::uint32_t slot = edge - 2; slot < edge + 2; ++slot)
    CHECK(loads.get({0, 1, slot}).depth == slot);
}

TEST_CASE("the greatest generation, slot and depth are kept") {
  queue_loads loads;
  const queue_id last{0, queue_id::generation_max, queue_loads::slots_max - 1};
  loads.set(last, {true, 0xFFFF'FFFF});
  CHECK(loads.get(last).is_online);
  CHECK(loads.get(last).depth == 0xFFFF'FFFF);
  // A longer queue is as long as can be said, and still online.
  loads.set(last, {true, std::size_t{1} << 40});
  CHECK(loads.get(last).is_online);
  CHECK(loads.get(last).depth == 0xFFFF'FFFF);
}

TEST_CASE("a slot beyond the last is refused") {
  queue_loads loads;
  CHECK_THROWS_AS(loads.set({0, 1, queue_loads::slots_max}, {}),
                  hetzel::assertion_failed);
}

TEST_CASE("readers see whole values while the owner grows and writes") {
  queue_loads loads;
  std::atomic<bool> done{false};
  std::thread reader{[&] {
    while (!done)
      for (std::uint32_t slot = 0; slot < 20'000; slot += 997) {
        const auto load = loads.get({0, 1, slot});
        // Online exactly as long as the depth says the slot's number.
        CHECK(load.depth == (load.is_online ? slot : 0));
      }
  }};
  for (std::uint32_t round = 0; round < 4; ++round)
    for (std::uint32_t slot = 0; slot < 20'000; ++slot)
      loads.set({0, 1, slot}, round % 2 == 0 ? member_load{true, slot}
                                             : member_load{});
  done = true;
  reader.join();
}

} // namespace queue_loads_test
