#include "plugins/passwd/password_queue.hpp"

#include <doctest/doctest.h>

#include <chrono>

namespace password_queue_test {

using namespace hetzel;
using namespace hetzel::plugins;

namespace {

mqtt::time_point at(int second) {
  return mqtt::time_point{} + std::chrono::seconds{second};
}

using jobs = std::vector<password_queue::job>;

} // namespace

TEST_CASE("jobs begin in the order of asking, as many as there are workers") {
  password_queue queue{{.workers = 2, .waiting_max = 10}};
  jobs late;
  for (password_queue::job i = 1; i <= 3; ++i)
    REQUIRE(queue.submit(i, at(5)));
  CHECK(queue.take(at(0), late) == 1U);
  CHECK(queue.take(at(0), late) == 2U);
  CHECK_FALSE(queue.take(at(0), late));
  queue.on_done();
  CHECK(queue.take(at(0), late) == 3U);
  queue.on_done();
  CHECK_FALSE(queue.take(at(0), late));
  CHECK(queue.busy() == 1);
  CHECK(late.empty());
}

TEST_CASE("a full queue takes nobody more") {
  password_queue queue{{.workers = 1, .waiting_max = 2}};
  jobs late;
  CHECK(queue.submit(1, at(5)));
  CHECK(queue.submit(2, at(5)));
  CHECK_FALSE(queue.submit(3, at(5)));
  REQUIRE(queue.take(at(0), late));
  CHECK(queue.submit(4, at(5)));
  CHECK(queue.waiting() == 2);
}

TEST_CASE("who does not wait any more is not worked for") {
  password_queue queue{{.workers = 1, .waiting_max = 10}};
  jobs late;
  REQUIRE(queue.submit(1, at(1)));
  REQUIRE(queue.submit(2, at(2)));
  REQUIRE(queue.submit(3, at(9)));
  CHECK(queue.take(at(2), late) == 3U);
  CHECK(late == jobs{1, 2});
}

} // namespace password_queue_test
