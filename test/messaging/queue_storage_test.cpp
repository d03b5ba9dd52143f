// A queue with its messages in the store: queue_storage.cpp, stored_queue.

#include "actors/messaging/queue.hpp"
#include "actors/messaging/restored_session.hpp"
#include "actors/messaging/site.hpp"
#include "test/support/messaging_subscriber.hpp"
#include "test/support/storage_site.hpp"

#include <doctest/doctest.h>

#include <string>

namespace queue_storage_test {

using namespace hetzel;
using namespace hetzel::messaging;
using namespace std::chrono_literals;
using hetzel::persistence::errc;
using hetzel::test::messaging_subscriber;
using hetzel::test::open_config;
using hetzel::test::storage_site;
using enum hetzel::net::message_durability;

namespace {

constexpr auto qos_1 = mqtt::qos::at_least_once;
constexpr auto qos_2 = mqtt::qos::exactly_once;

live_config limits(std::optional<std::size_t> offline,
                   queue_order order = queue_order::fifo) {
  auto config = open_config();
  config.messaging.queues.offline_max = offline;
  config.messaging.queues.order = order;
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

/// All deliveries so far are acknowledged.
std::string acknowledge(messaging_subscriber& subscriber) {
  auto taken = std::exchange(subscriber.deliveries, {});
  std::string text;
  for (const auto& item : taken) {
    text += (text.empty() ? "" : " ") + std::string{item.message->payload()};
    ++subscriber.room;
    subscriber.queue->on_settled(item);
  }
  return text;
}

} // namespace

TEST_CASE("a Session that outlives its connection has its messages on disk, "
          "another none") {
  storage_site here;
  messaging_subscriber lasting{here, "lasting"};
  static_cast<void>(lasting.connect(1h));
  messaging_subscriber brief{here, "brief"};
  static_cast<void>(brief.connect(0s));
  lasting.offer("a");
  brief.offer("a");
  here.commit_all();
  CHECK(here.totals().entries == 1);
  CHECK(here.totals().queues == 1);
  CHECK(lasting.received() == "a");
  CHECK(brief.received() == "a");
}

TEST_CASE("QoS 0 is never stored") {
  storage_site here;
  messaging_subscriber client{here, "c"};
  static_cast<void>(client.connect(1h));
  client.offer("a", mqtt::qos::at_most_once);
  here.commit_all();
  CHECK(here.totals().entries == 0);
  CHECK(client.received() == "a");
}

TEST_CASE("an absent client's messages are not in memory, and come back in "
          "their order") {
  auto config = limits(std::nullopt);
  config.messaging.queues.online_max = std::nullopt;
  storage_site here{config};
  messaging_subscriber client{here, "c"};
  static_cast<void>(client.connect(1h));
  client.drop();
  std::string expected;
  for (int i = 0; i < 1'300; ++i) {
    client.offer("m" + std::to_string(i));
    expected += (i == 0 ? "m" : " m") + std::to_string(i);
  }
  CHECK(client.queue->depth() == 0);
  here.commit_all();
  CHECK(here.totals().entries == 1'300);
  client.room = 100'000;
  CHECK(client.connect(1h));
  std::string got;
  while (client.queue->is_stored() && got.size() < expected.size()) {
    serve(here, client);
    const auto more = acknowledge(client);
    REQUIRE(!more.empty());
    got += (got.empty() ? "" : " ") + more;
    client.queue->drain();
  }
  CHECK(got == expected);
  here.commit_all();
  CHECK(here.totals().entries == 0);
}

TEST_CASE("lifo brings the newest first, from disk too, and drops the oldest") {
  storage_site here{limits(3, queue_order::lifo)};
  messaging_subscriber client{here, "c"};
  static_cast<void>(client.connect(1h));
  client.drop();
  client.offer_all("a b c d e");
  serve(here, client);
  client.room = 100;
  CHECK(client.connect(1h));
  serve(here, client);
  CHECK(client.received() == "e d c");
  CHECK(here.count(metric::queue_message_drop) == 2);
}

TEST_CASE("fifo drops what exceeds the limit, and stores none of it") {
  storage_site here{limits(2)};
  messaging_subscriber client{here, "c"};
  static_cast<void>(client.connect(1h));
  client.drop();
  client.offer_all("a b c");
  here.commit_all();
  CHECK(here.totals().entries == 2);
  CHECK(here.count(metric::queue_message_drop) == 1);
}

TEST_CASE("QoS 2 is sent when it is on disk, QoS 1 at once") {
  storage_site here;
  messaging_subscriber client{here, "c"};
  client.room = 10;
  static_cast<void>(client.connect(1h));
  client.offer("one", qos_1);
  CHECK(client.received() == "one");
  client.offer("two", qos_2);
  CHECK(client.received().empty());
  here.commit_all();
  CHECK(client.received() == "two");
}

TEST_CASE("PUBREL waits until the store knows that PUBREC came") {
  storage_site here;
  messaging_subscriber client{here, "c"};
  client.room = 10;
  static_cast<void>(client.connect(1h));
  client.offer("two", qos_2);
  here.commit_all();
  REQUIRE(client.deliveries.size() == 1);
  const auto id = mqtt::outbound_flow::id_of(client.deliveries[0].stored);
  CHECK(!client.queue->on_received(client.deliveries[0], id));
  CHECK(client.completed.empty());
  here.commit_all();
  REQUIRE(client.completed.size() == 1);
  CHECK(client.completed[0] == id);
  CHECK(here.totals().entries == 0);
}

TEST_CASE("while the store fails nothing is taken, and the publisher hears "
          "so") {
  storage_site here;
  messaging_subscriber client{here, "c"};
  client.room = 10;
  static_cast<void>(client.connect(1h));
  here.commit_all();
  here.disk->set_failure(0, errc::disk_full);
  store_ticket ticket;
  ticket.quality = qos_1;
  auto waits
    = client.queue->expect(ticket, net::message_durability::written, true);
  mqtt::message_fields fields;
  fields.topic_name = "t";
  fields.quality = qos_1;
  const auto message = mqtt::message::make(fields);
  client.queue->deliver({message, nullptr, 0, qos_1, false, &waits});
  waits = {};
  here.settle();
  REQUIRE(client.settlements.size() == 1);
  CHECK(client.settlements[0].code == errc::disk_full);
  CHECK(client.received().empty());
  here.disk->set_failure(0, errc::none);
  client.offer("later");
  CHECK(client.received() == "later");
}

TEST_CASE("what could not be written when it came is sent when it could") {
  storage_site here;
  messaging_subscriber client{here, "c"};
  client.room = 10;
  static_cast<void>(client.connect(1h));
  here.commit_all();
  client.offer("two", qos_2);
  here.commit_all(errc::io_error);
  CHECK(client.deliveries.empty());
  REQUIRE(client.late_loads == 1);
  client.queue->load_again();
  here.commit_all(errc::io_error);
  CHECK(client.deliveries.empty());
  REQUIRE(client.late_loads == 2);
  client.queue->load_again();
  here.commit_all();
  CHECK(client.received() == "two");
  CHECK(client.late_loads == 2);
}

namespace {

/// Two members of a group, of which one has the message on disk and comes back
/// to it.
struct group_fixture : storage_site {
  group_fixture() : first(*this, "first"), second(*this, "second") {
    first.subscribe("$share/g/t", {qos_1});
    static_cast<void>(first.connect(1h));
    first.drop();
    publish("a");
    commit_all();
    REQUIRE(totals().entries == 1);
    second.subscribe("$share/g/t", {qos_1});
    static_cast<void>(second.connect(1h));
  }

  void publish(std::string_view payload) {
    mqtt::message_fields fields;
    fields.topic_name = "t";
    fields.payload = payload;
    fields.quality = qos_1;
    local().router.publish(mqtt::message::make(fields));
  }

  /// `first` has its message in memory, sent or waiting, and goes.
  void come_and_go(std::size_t room) {
    first.room = room;
    static_cast<void>(first.connect(1h));
    serve(*this, first);
    first.drop();
  }

  messaging_subscriber first;
  messaging_subscriber second;
};

} // namespace

TEST_CASE("what came back from disk goes to another member of its share group "
          "when its own goes, and leaves the disk when the other has it there "
          "(MQTT 5, 4.8.2)") {
  group_fixture here;
  here.come_and_go(0);
  CHECK(here.second.received() == "a");
  CHECK(here.count(metric::shared_redistributed) == 1);
  here.commit_all();
  // With both of them; the first does not send it any more.
  CHECK(here.totals().entries == 2);
  here.settle();
  here.commit_all();
  CHECK(here.totals().entries == 1);
  here.first.room = 10;
  static_cast<void>(here.first.connect(1h));
  serve(here, here.first);
  CHECK(here.first.received().empty());
}

TEST_CASE("a message that the other member could not store comes back to its "
          "own") {
  group_fixture here;
  here.come_and_go(0);
  here.commit_all(errc::io_error);
  here.settle();
  here.first.room = 10;
  static_cast<void>(here.first.connect(1h));
  serve(here, here.first);
  CHECK(here.first.received() == "a");
}

TEST_CASE("who is relaxed does not wait, who wants it synced has its batch "
          "synced") {
  storage_site here;
  messaging_subscriber client{here, "c"};
  static_cast<void>(client.connect(1h));
  here.commit_all();
  store_ticket ticket;
  ticket.quality = qos_1;
  mqtt::message_fields fields;
  fields.topic_name = "t";
  fields.quality = qos_1;
  const auto message = mqtt::message::make(fields);
  for (const auto level :
       {net::message_durability::relaxed, net::message_durability::written,
        net::message_durability::synced}) {
    {
      auto waits = client.queue->expect(ticket, level, true);
      client.queue->deliver({message, nullptr, 0, qos_1, false, &waits});
      CHECK(waits.was_taken() == (level != net::message_durability::relaxed));
    }
    here.journal().flush();
    REQUIRE(here.left.size() == 1);
    CHECK((here.left[0].request->level == persistence::durability::synced)
          == (level == net::message_durability::synced));
    here.commit_all();
  }
}

TEST_CASE("what expired on disk makes room and is counted, in memory too") {
  storage_site here{limits(2)};
  messaging_subscriber client{here, "c"};
  static_cast<void>(client.connect(1h));
  client.drop();
  client.offer_all("a b");
  here.commit_all();
  client.offer("c");
  CHECK(here.count(metric::queue_message_drop) == 1);
  expired_messages found{{"", "c"}, {}, {}, here.journal().committed(0)};
  found.queue = *here.disk->shard(0).read().find_queue({"", "c"}).value();
  window_query query;
  query.queue = found.queue;
  for (const auto& one : here.read(query).messages)
    found.messages.push_back(one.stub);
  CHECK(client.queue->on_expired(found));
  CHECK(here.count(metric::queue_message_expired) == 2);
  client.offer("d");
  CHECK(here.count(metric::queue_message_drop) == 1);
  here.commit_all();
  CHECK(here.totals().entries == 1);
  client.room = 0;
  static_cast<void>(client.connect(1h));
  serve(here, client);
  mqtt::message_fields fields;
  fields.topic_name = "t";
  fields.quality = qos_1;
  fields.expires_at = here.local().home.now() - 1s;
  client.offer(fields);
  found.messages.clear();
  CHECK(!client.queue->on_expired(found)); // it has erased since `seen`
  CHECK(here.count(metric::queue_message_expired) == 3);
}

TEST_CASE("a client that comes while the store fails gets its messages when it "
          "works again, without being asked for them all the time") {
  storage_site here;
  messaging_subscriber client{here, "c"};
  static_cast<void>(client.connect(1h));
  client.drop();
  client.offer("a");
  here.commit_all();
  here.disk->set_failure(0, errc::io_error);
  static_cast<void>(client.connect(1h));
  client.queue->drain();
  CHECK(client.loads.empty());
  CHECK(client.late_loads == 1);
  here.disk->set_failure(0, errc::none);
  client.queue->load_again();
  serve(here, client);
  CHECK(client.received() == "a");
}

TEST_CASE("a window that cannot be read is asked for a while later, also when "
          "its client has gone and come back") {
  storage_site here;
  messaging_subscriber client{here, "c"};
  static_cast<void>(client.connect(1h));
  client.drop();
  client.offer("a");
  here.commit_all();
  for (int i = 0; i < 2; ++i) {
    static_cast<void>(client.connect(1h));
    REQUIRE(client.loads.size() == 1);
    client.loads.clear();
    loaded_window failed;
    failed.status = errc::io_error;
    client.queue->on_window(failed);
    client.queue->drain();
    CHECK(client.loads.empty());
    CHECK(client.late_loads == i + 1);
    client.drop();
  }
  static_cast<void>(client.connect(1h));
  serve(here, client);
  CHECK(client.received() == "a");
}

TEST_CASE("entries without a body hold up nobody: not a client, not the room "
          "for others") {
  auto config = limits(4);
  config.messaging.queues.online_max = 2;
  storage_site here{config};
  messaging_subscriber client{here, "c"};
  static_cast<void>(client.connect(1h));
  client.drop();
  client.offer_all("a b c d");
  here.commit_all();
  client.room = 10;
  // Two are too many, and those that would go are of no use.
  static_cast<void>(client.connect(1h));
  REQUIRE(client.loads.size() == 1);
  CHECK(client.loads[0].is_drop);
  auto seen = here.read(client.loads[0]);
  client.loads.clear();
  for (const auto& one : seen.messages)
    seen.lost.push_back(one.stub);
  seen.messages.clear();
  client.queue->on_window(seen);
  serve(here, client);
  CHECK(client.received() == "a b");
  here.commit_all();
  CHECK(here.totals().entries == 2);
}

TEST_CASE("the end of a Session leaves nothing in the store") {
  storage_site here;
  messaging_subscriber client{here, "c"};
  static_cast<void>(client.connect(1h));
  client.drop();
  client.offer_all("a b c");
  here.commit_all();
  client.queue->retire(mqtt::reason_code::success);
  here.commit_all();
  CHECK(here.totals().queues == 0);
  persistence::message_batch garbage;
  while (!here.disk->shard(0).sweep(100, garbage).idle)
    REQUIRE(here.disk->shard(0).commit(garbage,
                                       persistence::durability::written)
            == errc::none);
  CHECK(here.totals().entries == 0);
}

} // namespace queue_storage_test
