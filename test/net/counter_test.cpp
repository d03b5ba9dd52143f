#include "actors/net/counter.hpp"

#include <doctest/doctest.h>

#include <thread>

namespace counter_test {

using hetzel::net::counter;

TEST_CASE("a counter counts from zero, a gauge also down") {
  counter one;
  CHECK(one.value() == 0);
  one.add();
  one.add(41);
  CHECK(one.value() == 42);
  one.subtract();
  one.subtract(40);
  CHECK(one.value() == 1);
}

TEST_CASE("whoever reads a counter while its thread counts sees it grow and "
          "loses nothing") {
  constexpr std::uint64_t last = 200'000;
  counter shared;
  std::thread writer{[&] {
    for (std::uint64_t i = 0; i < last; ++i)
      shared.add();
  }};
  std::uint64_t seen = 0;
  bool has_shrunk = false;
  while (seen < last) {
    const auto now = shared.value();
    has_shrunk |= now < seen;
    seen = now;
  }
  writer.join();
  CHECK_FALSE(has_shrunk);
  CHECK(shared.value() == last);
}

} // namespace counter_test
