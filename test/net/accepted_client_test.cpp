#include "actors/net/accepted_client.hpp"

#include <doctest/doctest.h>

#include <atomic>
#include <memory>
#include <thread>
#include <vector>

namespace accepted_client_test {

using namespace hetzel::net;

namespace {

std::shared_ptr<listener_context> context_for(std::size_t connections_max) {
  auto result = std::make_shared<listener_context>();
  result->config.name = "tcp.test";
  result->config.max_connections = connections_max;
  return result;
}

} // namespace

TEST_CASE("a listener grants max_connections places and gives a freed one "
          "away again") {
  const auto context = context_for(2);
  const auto first = connection_slot::take(context);
  auto second = connection_slot::take(context);
  REQUIRE(first);
  REQUIRE(second);
  CHECK(connection_slot::take(context) == nullptr);
  CHECK(connection_slot::take(context) == nullptr);
  // Who was refused holds no place.
  CHECK(context->connections == 2);
  second.reset();
  CHECK(context->connections == 1);
  CHECK(connection_slot::take(context));
}

TEST_CASE("a listener of no connections refuses the first") {
  const auto context = context_for(0);
  CHECK(connection_slot::take(context) == nullptr);
  CHECK(context->connections == 0);
}

TEST_CASE("a place knows its listener's options, also when the listener is "
          "gone") {
  auto context = context_for(1);
  const auto slot = connection_slot::take(context);
  context.reset();
  REQUIRE(slot);
  CHECK(slot->config().name == "tcp.test");
}

TEST_CASE("a client that is dropped on its way gives its place and its socket "
          "back") {
  const auto context = context_for(1);
  {
    accepted_client lost;
    lost.slot = connection_slot::take(context);
    REQUIRE(lost.slot);
    CHECK(context->connections == 1);
  }
  CHECK(context->connections == 0);
}

TEST_CASE("many threads never hold more places than there are, and all come "
          "back") {
  constexpr std::size_t places = 3;
  const auto context = context_for(places);
  std::atomic<std::size_t> held = 0;
  std::atomic<bool> is_exceeded = false;
  std::atomic<std::size_t> granted = 0;
  std::vector<std::thread> threads;
  for (int i = 0; i < 4; ++i)
    threads.emplace_back([&] {
      for (int k = 0; k < 5'000; ++k) {
        const auto slot = connection_slot::take(context);
        if (!slot)
          continue;
        ++granted;
        if (++held > places)
          is_exceeded = true;
        --held;
      }
    });
  for (auto& thread : threads)
    thread.join();
  CHECK_FALSE(is_exceeded);
  CHECK(granted > 0);
  CHECK(context->connections == 0);
}

} // namespace accepted_client_test
