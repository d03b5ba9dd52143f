#include "actors/messaging/pending_queue.hpp"

#include <doctest/doctest.h>

#include <string>
#include <utility>

namespace pending_queue_test {

using namespace hetzel;
using namespace hetzel::messaging;

namespace {

mqtt::delivery item(std::string_view payload,
                    mqtt::qos quality = mqtt::qos::at_least_once) {
  mqtt::message_fields fields;
  fields.topic_name = "t";
  fields.payload = payload;
  return {mqtt::message::make(fields), nullptr, 0, quality, false};
}

std::string payload_of(const mqtt::delivery& from) {
  return from.message ? std::string{from.message->payload()} : "nothing";
}

/// Pushes "a", "b", … and returns what the last push dropped.
std::string push_all(pending_queue& to, std::string_view letters,
                     std::optional<std::size_t> limit) {
  std::string dropped;
  for (const char letter : letters) {
    mqtt::delivery left_over;
    if (to.push(item({&letter, 1}), limit, left_over) != push_verdict::queued)
      dropped += payload_of(left_over);
  }
  return dropped;
}

std::string pop_all(pending_queue& from) {
  std::string order;
  while (!from.empty()) {
    const auto next = payload_of(from.next());
    order += payload_of(from.pop());
    CHECK(order.ends_with(next));
  }
  return order;
}

} // namespace

TEST_CASE("a FIFO queue gives messages out in the order they came") {
  pending_queue queue{queue_order::fifo};
  CHECK(push_all(queue, "abc", std::nullopt).empty());
  CHECK(pop_all(queue) == "abc");
}

TEST_CASE("a LIFO queue gives the newest out first (spec 4.3)") {
  pending_queue queue{queue_order::lifo};
  CHECK(push_all(queue, "abc", std::nullopt).empty());
  CHECK(pop_all(queue) == "cba");
}

TEST_CASE("a full FIFO queue drops what comes, a full LIFO queue its oldest "
          "(spec 4.3)") {
  pending_queue fifo{queue_order::fifo};
  CHECK(push_all(fifo, "abcde", 3) == "de");
  CHECK(pop_all(fifo) == "abc");

  pending_queue lifo{queue_order::lifo};
  CHECK(push_all(lifo, "abcde", 3) == "ab");
  CHECK(pop_all(lifo) == "edc");
}

TEST_CASE("the verdict tells who was dropped") {
  mqtt::delivery dropped;
  pending_queue fifo{queue_order::fifo};
  CHECK(fifo.push(item("a"), 1, dropped) == push_verdict::queued);
  CHECK(fifo.push(item("b"), 1, dropped) == push_verdict::dropped_new);
  CHECK(payload_of(dropped) == "b");

  pending_queue lifo{queue_order::lifo};
  CHECK(lifo.push(item("a"), 1, dropped) == push_verdict::queued);
  CHECK(lifo.push(item("b"), 1, dropped) == push_verdict::dropped_oldest);
  CHECK(payload_of(dropped) == "a");
}

TEST_CASE("a limit of zero lets nothing in, in either order (spec 4.3)") {
  for (const auto order : {queue_order::fifo, queue_order::lifo}) {
    pending_queue queue{order};
    mqtt::delivery dropped;
    CHECK(queue.push(item("a"), 0, dropped) == push_verdict::dropped_new);
    CHECK(payload_of(dropped) == "a");
    CHECK(queue.empty());
  }
}

TEST_CASE("without a limit nothing is ever dropped") {
  pending_queue queue{queue_order::fifo};
  mqtt::delivery dropped;
  for (int i = 0; i < 10'000; ++i)
    REQUIRE(queue.push(item(std::to_string(i)), std::nullopt, dropped)
            == push_verdict::queued);
  for (int i = 0; i < 10'000; ++i)
    REQUIRE(payload_of(queue.pop()) == std::to_string(i));
}

TEST_CASE("a limit that was lowered meanwhile holds from the next message on") {
  pending_queue queue{queue_order::fifo};
  push_all(queue, "abcd", 4);
  CHECK(push_all(queue, "e", 2) == "e");
  CHECK(queue.size() == 4);
}

TEST_CASE("trimming keeps the oldest of a FIFO and the newest of a LIFO "
          "queue (spec 4.3)") {
  pending_queue fifo{queue_order::fifo};
  push_all(fifo, "abcde", std::nullopt);
  CHECK(fifo.trim(2) == 3);
  CHECK(pop_all(fifo) == "ab");

  pending_queue lifo{queue_order::lifo};
  push_all(lifo, "abcde", std::nullopt);
  CHECK(lifo.trim(2) == 3);
  CHECK(pop_all(lifo) == "ed");
}

TEST_CASE("trimming to what is there or more drops nothing") {
  pending_queue queue{queue_order::fifo};
  CHECK(queue.trim(0) == 0);
  push_all(queue, "ab", std::nullopt);
  CHECK(queue.trim(2) == 0);
  CHECK(queue.trim(100) == 0);
  CHECK(pop_all(queue) == "ab");
}

TEST_CASE("erasing some asks in order of arrival and keeps the rest in it") {
  pending_queue queue{queue_order::lifo};
  push_all(queue, "abcdef", std::nullopt);
  std::string asked;
  queue.erase_if([&](const mqtt::delivery& one) {
    asked += payload_of(one);
    return payload_of(one) == "b" || payload_of(one) == "e";
  });
  CHECK(asked == "abcdef");
  CHECK(pop_all(queue) == "fdca");
}

TEST_CASE("order holds across the wraps of a queue that is never empty") {
  pending_queue queue{queue_order::fifo};
  mqtt::delivery dropped;
  int next_in = 0;
  int next_out = 0;
  for (int round = 0; round < 1'000; ++round) {
    for (int i = 0; i < round % 7 + 1; ++i)
      queue.push(item(std::to_string(next_in++)), std::nullopt, dropped);
    while (queue.size() > 3)
      REQUIRE(payload_of(queue.pop()) == std::to_string(next_out++));
  }
  CHECK(static_cast<int>(queue.size()) == next_in - next_out);
}

TEST_CASE("what is pushed while some are erased stands behind the rest") {
  pending_queue queue{queue_order::fifo};
  push_all(queue, "abc", std::nullopt);
  queue.erase_if([&](const mqtt::delivery& one) {
    const auto payload = payload_of(one);
    if (payload == "b")
      push_all(queue, "xyz", std::nullopt);
    return payload == "b";
  });
  CHECK(pop_all(queue) == "acxyz");
}

TEST_CASE("bytes are those of the messages that are there, however they came "
          "and went") {
  for (const auto order : {queue_order::fifo, queue_order::lifo}) {
    pending_queue queue{order};
    const auto size = counted_bytes(*item("a").message);
    CHECK(queue.bytes() == 0);
    push_all(queue, "abcde", std::nullopt);
    CHECK(queue.bytes() == 5 * size);
    static_cast<void>(queue.pop());
    static_cast<void>(queue.pop_oldest());
    CHECK(queue.bytes() == 3 * size);
    queue.push_last(item("f"));
    push_all(queue, "g", 4);
    CHECK(queue.bytes() == 4 * size);
    bool is_first = true;
    queue.erase_if([&](const mqtt::delivery&) {
      if (is_first)
        queue.push_last(item("h"));
      return std::exchange(is_first, false);
    });
    CHECK(queue.size() == 4);
    CHECK(queue.bytes() == 4 * size);
    CHECK(queue.trim(3) == 1);
    CHECK(queue.bytes() == 3 * size);
    pop_all(queue);
    CHECK(queue.bytes() == 0);
  }
}

TEST_CASE("what exceeds a number of bytes is dropped by the rule of the "
          "order") {
  for (const auto order : {queue_order::fifo, queue_order::lifo}) {
    pending_queue queue{order};
    push_all(queue, "abcde", std::nullopt);
    const auto size = queue.bytes() / 5;
    CHECK(queue.trim_bytes(3 * size + 1) == 2);
    CHECK(queue.trim_bytes(3 * size) == 0);
    CHECK(pop_all(queue) == (order == queue_order::fifo ? "abc" : "edc"));
  }
}

} // namespace pending_queue_test
