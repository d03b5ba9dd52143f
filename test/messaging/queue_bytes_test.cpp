// Limits of bytes, of queues in memory and in the store.

#include "actors/messaging/queue.hpp"
#include "test/support/messaging_subscriber.hpp"
#include "test/support/storage_site.hpp"

#include <doctest/doctest.h>

#include <optional>

namespace queue_bytes_test {

using namespace hetzel;
using namespace hetzel::messaging;
using namespace std::chrono_literals;
using hetzel::test::messaging_subscriber;
using hetzel::test::open_config;
using hetzel::test::storage_site;

namespace {

constexpr auto qos_1 = mqtt::qos::at_least_once;

/// What `count` messages of one letter take on disk.
std::size_t bytes_of(std::size_t count) {
  storage_site here;
  messaging_subscriber client{here, "c"};
  static_cast<void>(client.connect(1h));
  client.drop();
  client.offer("a");
  here.commit_all();
  return here.totals().bytes * count;
}

live_config bytes_limits(std::optional<std::size_t> offline,
                         std::optional<std::size_t> online,
                         queue_order order) {
  auto config = open_config();
  config.messaging.queues.order = order;
  config.messaging.queues.offline_bytes_max = offline;
  config.messaging.queues.online_bytes_max = online;
  return config;
}

/// Answers what the queue asked of the store.
void serve(storage_site& here, messaging_subscriber& subscriber) {
  while (!subscriber.loads.empty()) {
    here.commit_all();
    const auto query = subscriber.loads.front();
    subscriber.loads.erase(subscriber.loads.begin());
    subscriber.queue->on_window(here.read(query));
  }
}

} // namespace

TEST_CASE("a queue that is full of bytes drops by the rule of its order, as "
          "one that is full of messages does") {
  const auto room = bytes_of(3) + bytes_of(1) / 2;
  for (const auto order : {queue_order::fifo, queue_order::lifo}) {
    storage_site here{bytes_limits(room, std::nullopt, order)};
    messaging_subscriber client{here, "c"};
    static_cast<void>(client.connect(1h));
    client.drop();
    for (const auto* const payload : {"a", "b", "c", "d", "e"}) {
      client.offer(payload);
      serve(here, client);
    }
    client.room = 100;
    CHECK(client.connect(1h));
    serve(here, client);
    CHECK(client.received()
          == (order == queue_order::fifo ? "a b c" : "e d c"));
    CHECK(here.count(metric::queue_message_drop) == 2);
    CHECK(here.count(metric::queue_bytes_drop) == 2);
  }
}

TEST_CASE("what a client comes back to must fit in bytes too") {
  const auto room = bytes_of(2) + bytes_of(1) / 2;
  for (const auto order : {queue_order::fifo, queue_order::lifo}) {
    storage_site here{bytes_limits(std::nullopt, room, order)};
    messaging_subscriber client{here, "c"};
    static_cast<void>(client.connect(1h));
    client.drop();
    client.offer_all("a b c d e");
    here.commit_all();
    client.room = 100;
    CHECK(client.connect(1h));
    serve(here, client);
    CHECK(client.received() == (order == queue_order::fifo ? "a b" : "e d"));
    CHECK(here.count(metric::queue_bytes_drop) == 3);
    here.commit_all();
    CHECK(here.totals().entries == 2);
  }
}

TEST_CASE("a message that is larger than the room fits alone, and not at all "
          "where nothing does") {
  for (const std::size_t room : {0, 1}) {
    storage_site here{bytes_limits(room, room, queue_order::fifo)};
    messaging_subscriber client{here, "c"};
    static_cast<void>(client.connect(1h));
    client.drop();
    client.offer_all("a b");
    here.commit_all();
    CHECK(here.totals().entries == room);
  }
}

TEST_CASE("a client that does not take its messages may have so many bytes "
          "waiting, stored or not") {
  for (const auto expiry : {0s, 3'600s}) {
    mqtt::message_fields fields;
    fields.topic_name = "t";
    fields.payload = "a";
    fields.quality = qos_1;
    const auto size = counted_bytes(*mqtt::message::make(fields));
    for (const auto order : {queue_order::fifo, queue_order::lifo}) {
      storage_site here{
        bytes_limits(std::nullopt, 3 * size + size / 2, order)};
      messaging_subscriber client{here, "c"};
      client.room = 0;
      static_cast<void>(client.connect(expiry));
      client.offer_all("a b c d e");
      client.room = 100;
      client.queue->drain();
      CHECK(client.received()
            == (order == queue_order::fifo ? "a b c" : "e d c"));
      CHECK(here.count(metric::queue_bytes_drop) == 2);
    }
  }
}

} // namespace queue_bytes_test
