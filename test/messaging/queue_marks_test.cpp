// What a publisher's queue knows of who has a message of QoS 2 on disk.

#include "actors/messaging/queue.hpp"
#include "actors/messaging/restored_session.hpp"
#include "actors/messaging/site.hpp"
#include "test/support/messaging_subscriber.hpp"
#include "test/support/storage_site.hpp"

#include <doctest/doctest.h>

#include <utility>

namespace queue_marks_test {

using namespace hetzel;
using namespace hetzel::messaging;
using namespace std::chrono_literals;
using hetzel::persistence::errc;
using hetzel::test::messaging_subscriber;
using hetzel::test::open_config;
using hetzel::test::storage_site;
using enum hetzel::net::message_durability;

namespace {

constexpr auto qos_2 = mqtt::qos::exactly_once;

/// A client of whose former life one receiver's mark is left, of the id 9.
struct marked_client {
  static constexpr std::uint64_t receiver = 77;

  marked_client() {
    constexpr auto own_queue = persistence::queue_id{1};
    stored_origin origin{own_queue, {}, {}, {}};
    origin.marks.push_back(
      {address_of(here.disk->shard_of({"", "c"}), own_queue), 9, receiver});
    restored_session from{{"", "c"}, {4, std::nullopt, std::nullopt}, {}};
    from.stored = std::move(origin);
    client.queue->restore(from);
    static_cast<void>(client.connect(1h));
  }

  storage_site here{open_config(), 2};
  messaging_subscriber client{here, "c"};
};

} // namespace

TEST_CASE("after a restart PUBREL finds what is left of the marks of a "
          "message, also when the publisher's own is gone") {
  marked_client here;
  auto& client = here.client;
  auto& inbound = client.queue->state().inbound;
  CHECK(inbound.release(9) == mqtt::inbound_flow::release_verdict::released);
  CHECK(!client.queue->on_released(9));
  store_ticket ticket;
  ticket.id = 9;
  ticket.quality = qos_2;
  CHECK(!client.queue->expect(ticket, written, true).has_it(here.receiver));
}

TEST_CASE("a message that is no duplicate goes to who has the mark of another "
          "with its id [MQTT-3.3.1-1]") {
  marked_client here;
  store_ticket ticket;
  ticket.id = 9;
  ticket.quality = qos_2;
  const auto is_skipped = [&](bool is_duplicate) {
    return here.client.queue->expect(ticket, written, is_duplicate)
      .has_it(here.receiver);
  };
  CHECK(is_skipped(true));
  CHECK(!is_skipped(false));
  CHECK(!is_skipped(true));
}

TEST_CASE("a repeated PUBLISH is acknowledged when its message is on disk, not "
          "when it only should be there") {
  storage_site here;
  messaging_subscriber publisher{here, "p"};
  static_cast<void>(publisher.connect(1h));
  messaging_subscriber client{here, "c"};
  static_cast<void>(client.connect(1h));
  client.drop();
  here.commit_all();
  store_ticket ticket;
  ticket.id = 9;
  ticket.quality = qos_2;
  mqtt::message_fields fields;
  fields.topic_name = "t";
  fields.quality = qos_2;
  const auto message = mqtt::message::make(fields);
  const auto publish = [&](bool is_duplicate, errc outcome) {
    auto waits = publisher.queue->expect(
      ticket, net::message_durability::written, is_duplicate);
    client.queue->deliver({message, nullptr, 0, qos_2, false, &waits});
    waits = {};
    here.settle();
    CHECK(publisher.settlements.empty());
    here.commit_all(outcome);
    here.settle();
    REQUIRE(publisher.settlements.size() == 1);
    return std::exchange(publisher.settlements, {}).front().code;
  };
  CHECK(publish(false, errc::io_error) == errc::io_error);
  CHECK(publish(true, errc::io_error) == errc::io_error);
  CHECK(publish(true, errc::none) == errc::none);
  CHECK(here.totals().entries == 1);
}

} // namespace queue_marks_test
