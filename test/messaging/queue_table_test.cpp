#include "actors/messaging/queue_table.hpp"

#include "protocol/assert.hpp"

#include <doctest/doctest.h>

#include <string>

namespace queue_table_test {

using namespace hetzel::messaging;

namespace {

subscriber_key key(std::string_view client_id,
                   std::string_view mountpoint = {}) {
  return {mountpoint, client_id};
}

} // namespace

TEST_CASE("a subscriber's queue is found by client id and mountpoint") {
  queue_table table{3};
  const auto one = table.reserve(key("a"));
  const auto other = table.reserve(key("a", "m"));
  CHECK(one.reactor() == 3);
  CHECK(one != other);
  CHECK(table.find(key("a")) == one);
  CHECK(table.find(key("a", "m")) == other);
  CHECK(!table.find(key("b")));
  CHECK(table.size() == 2);
}

TEST_CASE("a mountpoint and a client id do not run into each other") {
  queue_table table{0};
  const auto one = table.reserve(key("bc", "a"));
  const auto other = table.reserve(key("c", "ab"));
  CHECK(table.find(key("bc", "a")) == one);
  CHECK(table.find(key("c", "ab")) == other);
  CHECK(table.key_of(one).mountpoint() == "a");
  CHECK(table.key_of(one).client_id() == "bc");
}

TEST_CASE("a queue that has not started cannot be reached but has its key") {
  queue_table table{0};
  const auto id = table.reserve(key("a"));
  CHECK(table.find(id) == nullptr);
  CHECK(table.key_of(id).client_id() == "a");
}

TEST_CASE("an id of a former owner never reaches the slot's next one") {
  queue_table table{0};
  const auto former = table.reserve(key("a"));
  table.release(former);
  const auto next = table.reserve(key("b"));
  REQUIRE(next.slot() == former.slot());
  CHECK(next != former);
  CHECK(table.find(former) == nullptr);
  CHECK_THROWS_AS(static_cast<void>(table.key_of(former)),
                  hetzel::assertion_failed);
}

TEST_CASE("releasing twice takes nothing from the slot's next owner") {
  queue_table table{0};
  const auto former = table.reserve(key("a"));
  table.release(former);
  const auto next = table.reserve(key("b"));
  table.release(former);
  CHECK(table.find(key("b")) == next);
  CHECK(table.size() == 1);
  table.release({0, 1, 99});
  CHECK(table.size() == 1);
}

TEST_CASE("a released key can be reserved anew") {
  queue_table table{0};
  const auto former = table.reserve(key("a"));
  table.release(former);
  CHECK(!table.find(key("a")));
  const auto again = table.reserve(key("a"));
  CHECK(again);
  CHECK(again != former);
}

TEST_CASE("keys stay found while the table grows and shrinks") {
  queue_table table{0};
  for (int i = 0; i < 1'000; ++i)
    static_cast<void>(table.reserve(key(std::to_string(i))));
  for (int i = 0; i < 1'000; i += 3)
    table.release(table.find(key(std::to_string(i))));
  for (int i = 1'000; i < 1'500; ++i)
    static_cast<void>(table.reserve(key(std::to_string(i))));
  for (int i = 0; i < 1'500; ++i) {
    const auto name = std::to_string(i);
    const auto id = table.find(key(name));
    REQUIRE(static_cast<bool>(id) == (i >= 1'000 || i % 3 != 0));
    if (id)
      REQUIRE(table.key_of(id).client_id() == name);
  }
}

TEST_CASE("no id is zero, which means no queue") {
  queue_table table{0};
  CHECK(static_cast<bool>(table.reserve(key("a"))));
}

} // namespace queue_table_test
