#include "actors/messaging/retained_feed.hpp"

#include "protocol/assert.hpp"

#include <doctest/doctest.h>

namespace retained_feed_test {

using namespace hetzel;
using messaging::retained_feed;

namespace {

retained_feed::grant grant(std::string filter) {
  return {std::move(filter), mqtt::qos::at_least_once, nullptr};
}

} // namespace

TEST_CASE("an empty feed asks for nothing") {
  retained_feed feed;
  CHECK(!feed.is_ready());
  CHECK_THROWS_AS(static_cast<void>(feed.next("")), assertion_failed);
  CHECK(!feed.clear());
}

TEST_CASE("a request names shard, filter and mountpoint") {
  retained_feed feed;
  feed.add(grant("a/#"), 2, 2);
  const auto request = feed.next("m");
  CHECK(request.shard == 2);
  CHECK(request.topic_filter == "a/#");
  CHECK(request.mountpoint == "m");
  CHECK(request.walk == 0);
  CHECK(request.limit > 0);
}

TEST_CASE("one request is under way at a time") {
  retained_feed feed;
  feed.add(grant("a"), 0, 3);
  const auto request = feed.next("");
  CHECK(!feed.is_ready());
  CHECK(feed.current(request.round)->topic_filter == "a");
  feed.advance(0);
  CHECK(feed.is_ready());
}

TEST_CASE("a walk goes on where the shard says, then with the next shard") {
  retained_feed feed;
  feed.add(grant("#"), 0, 1);
  static_cast<void>(feed.next(""));
  feed.advance(77);
  auto request = feed.next("");
  CHECK(request.shard == 0);
  CHECK(request.walk == 77);
  feed.advance(0);
  request = feed.next("");
  CHECK(request.shard == 1);
  CHECK(request.walk == 0);
  feed.advance(0);
  CHECK(!feed.is_ready());
}

TEST_CASE("subscriptions are served in the order they were made") {
  retained_feed feed;
  feed.add(grant("a"), 0, 0);
  feed.add(grant("b"), 5, 5);
  CHECK(feed.next("").topic_filter == "a");
  feed.advance(0);
  CHECK(feed.next("").topic_filter == "b");
}

TEST_CASE("an answer to an earlier round is told apart") {
  retained_feed feed;
  feed.add(grant("a"), 0, 0);
  const auto early = feed.next("").round;
  static_cast<void>(feed.clear());
  CHECK(feed.current(early) == nullptr);
  feed.add(grant("b"), 0, 0);
  const auto late = feed.next("").round;
  CHECK(late != early);
  CHECK(feed.current(early) == nullptr);
  CHECK(feed.current(late)->topic_filter == "b");
}

TEST_CASE("giving up names the walk that its shard must forget") {
  retained_feed feed;
  feed.add(grant("#"), 4, 9);
  static_cast<void>(feed.next(""));
  feed.advance(12);
  const auto cancelled = feed.clear();
  REQUIRE(cancelled);
  CHECK(cancelled->shard == 4);
  CHECK(cancelled->walk == 12);
  CHECK(!feed.is_ready());
}

TEST_CASE("giving up before a shard has answered leaves nothing to forget") {
  retained_feed feed;
  feed.add(grant("#"), 0, 1);
  static_cast<void>(feed.next(""));
  CHECK(!feed.clear());
}

} // namespace retained_feed_test
