#include "actors/messaging/orphans.hpp"

#include <doctest/doctest.h>

#include <thread>

namespace orphans_test {

using namespace std::chrono_literals;
using hetzel::messaging::orphans;

TEST_CASE("the last orphans are those of the parent that leaves last") {
  orphans left;
  left.add_parent();
  std::thread leaving{[&] { left.leave({nullptr, nullptr}); }};
  CHECK(left.take_last(20s).size() == 2);
  leaving.join();
  CHECK(left.take().empty());
}

TEST_CASE("a parent that does not leave is waited for only so long") {
  orphans left;
  left.add_parent();
  left.add_parent();
  left.leave({nullptr});
  CHECK(left.take_last(1ms).size() == 1);
}

TEST_CASE("a successor takes what was left, and leaves it again") {
  orphans left;
  left.add_parent();
  left.leave({nullptr});
  left.add_parent();
  auto adopted = left.take();
  CHECK(adopted.size() == 1);
  left.leave(std::move(adopted));
  CHECK(left.take_last(0ms).size() == 1);
}

} // namespace orphans_test
