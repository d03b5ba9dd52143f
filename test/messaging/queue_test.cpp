#include "actors/messaging/queue.hpp"

#include "test/support/messaging_subscriber.hpp"

#include <doctest/doctest.h>

namespace queue_test {

using namespace hetzel;
using namespace hetzel::messaging;
using namespace std::chrono_literals;
using hetzel::test::messaging_site;
using hetzel::test::messaging_subscriber;
using hetzel::test::open_config;

namespace {

live_config with_limits(queue_limits limits) {
  auto config = open_config();
  config.messaging.queues = limits;
  return config;
}

/// One subscriber on a site with those limits.
struct queue_fixture : messaging_site {
  explicit queue_fixture(queue_limits limits = {})
    : messaging_site(1, with_limits(limits)), client(*this, "c") {}

  mqtt::time_point now() { return local().home.now(); }

  messaging_subscriber client;
};

constexpr auto qos_0 = mqtt::qos::at_most_once;
constexpr auto qos_2 = mqtt::qos::exactly_once;

} // namespace

// -- limits and drop rules ---------------------------------------------------

TEST_CASE("while the client takes them, messages do not wait") {
  queue_fixture fixture;
  fixture.client.connect();
  fixture.client.offer_all("a b c");
  CHECK(fixture.client.received() == "a b c");
  CHECK(fixture.count(metric::queue_message_in) == 3);
  CHECK(fixture.count(metric::queue_message_out) == 3);
}

TEST_CASE("a message never overtakes those that wait [MQTT-4.6.0-6]") {
  queue_fixture fixture;
  fixture.client.connect();
  fixture.client.room = 0;
  fixture.client.offer("a");
  fixture.client.room = 10;
  fixture.client.offer("b");
  fixture.client.queue->drain();
  CHECK(fixture.client.received() == "a b");
}

TEST_CASE("a slow client's queue drops the newest beyond its limit, of any "
          "QoS, and counts them (spec 4.3)") {
  queue_fixture fixture{{.online_max = 3}};
  fixture.client.connect();
  fixture.client.room = 0;
  fixture.client.offer_all("a b", qos_0);
  fixture.client.offer_all("c d e");
  CHECK(fixture.client.queue->depth() == 3);
  CHECK(fixture.count(metric::queue_message_drop) == 2);
  fixture.client.room = 10;
  fixture.client.queue->drain();
  CHECK(fixture.client.received() == "a b c");
}

TEST_CASE("a LIFO queue drops the oldest and sends the newest first "
          "(spec 4.3)") {
  queue_fixture fixture{{.online_max = 3, .order = queue_order::lifo}};
  fixture.client.connect();
  fixture.client.room = 0;
  fixture.client.offer_all("a b c d e");
  CHECK(fixture.count(metric::queue_message_drop) == 2);
  fixture.client.room = 10;
  fixture.client.queue->drain();
  CHECK(fixture.client.received() == "e d c");
}

TEST_CASE("with an online limit of zero nothing is delivered (spec 4.3)") {
  queue_fixture fixture{{.online_max = 0}};
  fixture.client.connect();
  fixture.client.offer_all("a b");
  CHECK(fixture.client.received().empty());
  CHECK(fixture.count(metric::queue_message_drop) == 2);
}

TEST_CASE("offline, QoS 0 is not kept and counts as unhandled (spec 4.3)") {
  queue_fixture fixture;
  fixture.client.connect();
  fixture.client.drop();
  fixture.client.offer("a", qos_0);
  fixture.client.offer("b");
  fixture.client.offer("c", qos_2);
  CHECK(fixture.count(metric::queue_message_unhandled) == 1);
  CHECK(fixture.count(metric::queue_message_drop) == 0);
  fixture.client.connect();
  CHECK(fixture.client.received() == "b c");
}

TEST_CASE("offline, QoS 1 and 2 are kept up to the offline limit "
          "(spec 4.3)") {
  queue_fixture fixture{{.offline_max = 2}};
  fixture.client.connect();
  fixture.client.drop();
  fixture.client.offer_all("a b c d");
  CHECK(fixture.count(metric::queue_message_drop) == 2);
  fixture.client.connect();
  CHECK(fixture.client.received() == "a b");
}

TEST_CASE("an offline limit of zero keeps nothing (spec 4.3)") {
  queue_fixture fixture{{.offline_max = 0}};
  fixture.client.connect();
  fixture.client.drop();
  fixture.client.offer("a");
  CHECK(fixture.count(metric::queue_message_drop) == 1);
  CHECK(fixture.client.queue->depth() == 0);
}

TEST_CASE("what waited online and is too much offline goes by the same rule "
          "(spec 4.3)") {
  for (const bool is_lifo : {false, true}) {
    queue_fixture fixture{
      {.offline_max = 2,
       .order = is_lifo ? queue_order::lifo : queue_order::fifo}};
    fixture.client.connect();
    fixture.client.room = 0;
    fixture.client.offer("q", qos_0);
    fixture.client.offer_all("a b c");
    fixture.client.drop();
    CHECK(fixture.count(metric::queue_message_unhandled) == 1);
    CHECK(fixture.count(metric::queue_message_drop) == 1);
    fixture.client.room = 10;
    fixture.client.connect();
    CHECK(fixture.client.received() == (is_lifo ? "c b" : "a b"));
  }
}

TEST_CASE("coming back, offline messages must fit into the online queue "
          "(spec 4.3)") {
  queue_fixture fixture{{.online_max = 2, .offline_max = 10}};
  fixture.client.connect();
  fixture.client.drop();
  fixture.client.offer_all("a b c d");
  fixture.client.connect();
  CHECK(fixture.count(metric::queue_message_drop) == 2);
  CHECK(fixture.client.received() == "a b");
}

TEST_CASE("override_max_online_messages keeps all that waited offline "
          "(spec 4.3)") {
  queue_fixture fixture{
    {.online_max = 2, .offline_max = 10, .override_online_max = true}};
  fixture.client.connect();
  fixture.client.drop();
  fixture.client.offer_all("a b c d");
  fixture.client.connect();
  CHECK(fixture.count(metric::queue_message_drop) == 0);
  CHECK(fixture.client.received() == "a b c d");
}

TEST_CASE("a message that expired while it waited is not sent "
          "[MQTT-3.3.2-5]") {
  queue_fixture fixture;
  fixture.client.connect();
  fixture.client.drop();
  mqtt::message_fields fields;
  fields.topic_name = "t";
  fields.payload = "old";
  fields.quality = mqtt::qos::at_least_once;
  fields.expires_at = fixture.now();
  fixture.client.offer(fields);
  fixture.client.offer("new");
  fixture.client.connect();
  CHECK(fixture.client.received() == "new");
  CHECK(fixture.count(metric::queue_message_expired) == 1);
}

TEST_CASE("others see whether it is online and how much waits in it") {
  queue_fixture fixture;
  const auto load = [&] {
    return fixture.exchange.load_of(fixture.client.queue->id());
  };
  CHECK(!load().is_online);
  fixture.client.connect();
  CHECK(load().is_online);
  fixture.client.room = 0;
  fixture.client.offer_all("a b c");
  CHECK(load().depth == 3);
  fixture.client.drop();
  CHECK(!load().is_online);
  CHECK(load().depth == 3);
}

// -- life of the Session -----------------------------------------------------

TEST_CASE("the first CONNECT finds no Session, the next one does "
          "[MQTT-3.1.2-5]") {
  queue_fixture fixture;
  CHECK(!fixture.client.connect());
  fixture.client.drop();
  CHECK(fixture.client.connect());
}

TEST_CASE("a takeover ends the old session with 0x8E and keeps the messages "
          "[MQTT-3.1.4-3]") {
  queue_fixture fixture;
  fixture.client.connect();
  fixture.client.room = 0;
  fixture.client.offer_all("a b");
  fixture.client.room = 10;
  CHECK(fixture.client.connect());
  CHECK(fixture.client.ended == mqtt::reason_code::session_taken_over);
  CHECK(fixture.client.received() == "a b");
  CHECK(fixture.count(metric::session_takeover) == 1);
  CHECK(!fixture.client.is_stopped);
}

TEST_CASE("a Session without expiry interval ends with its connection "
          "(3.1.2.11.2)") {
  queue_fixture fixture;
  fixture.client.connect(0s);
  fixture.client.drop();
  CHECK(fixture.client.is_stopped);
  CHECK(!fixture.local().queues.find(subscriber_key{"", "c"}));
  CHECK(fixture.exchange.sessions == 0);
}

TEST_CASE("a Session ends when it was offline for its expiry interval, not "
          "before [MQTT-3.1.2-23]") {
  queue_fixture fixture;
  fixture.client.connect(60s);
  fixture.client.offer("kept");
  fixture.client.drop();
  fixture.client.queue->on_timeout(fixture.now() + 59s);
  CHECK(!fixture.client.is_stopped);
  fixture.client.queue->on_timeout(fixture.now() + 61s);
  CHECK(fixture.client.is_stopped);
  CHECK(fixture.count(metric::client_expired) == 1);
}

TEST_CASE("a client that is back keeps its Session past the expiry of the "
          "former connection") {
  queue_fixture fixture;
  fixture.client.connect(60s);
  fixture.client.drop();
  fixture.client.connect(60s);
  fixture.client.queue->on_timeout(fixture.now() + 61s);
  CHECK(!fixture.client.is_stopped);
  CHECK(fixture.client.queue->is_online());
}

TEST_CASE("an expiry interval in DISCONNECT replaces that of CONNECT "
          "(3.14.2.2.2)") {
  queue_fixture fixture;
  fixture.client.connect();
  fixture.client.end_with({mqtt::reason_code::success, true, 0s});
  CHECK(fixture.client.is_stopped);
}

TEST_CASE("a Session that ends counts what it leaves as unhandled") {
  queue_fixture fixture;
  fixture.client.connect();
  fixture.client.drop();
  fixture.client.offer_all("a b c");
  fixture.client.queue->retire(mqtt::reason_code::success);
  CHECK(fixture.count(metric::queue_message_unhandled) == 3);
}

TEST_CASE("retiring ends the session that is attached, and once only") {
  queue_fixture fixture;
  fixture.client.connect();
  fixture.client.queue->retire(mqtt::reason_code::session_taken_over);
  CHECK(fixture.client.ended == mqtt::reason_code::session_taken_over);
  fixture.client.ended.reset();
  fixture.client.queue->retire(mqtt::reason_code::unspecified_error);
  CHECK(!fixture.client.ended);
}

} // namespace queue_test
