#include "actors/messaging/router.hpp"

#include "test/support/messaging_subscriber.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <iterator>
#include <memory>
#include <sstream>
#include <utility>
#include <vector>

namespace router_test {

using namespace hetzel;
using namespace hetzel::messaging;
using hetzel::test::messaging_site;
using hetzel::test::messaging_subscriber;
using hetzel::test::open_config;

namespace {

using mqtt::reason_code;

constexpr auto qos_0 = mqtt::qos::at_most_once;
constexpr auto qos_1 = mqtt::qos::at_least_once;
constexpr auto qos_2 = mqtt::qos::exactly_once;

live_config with_policy(share_policy policy) {
  auto config = open_config();
  config.messaging.shares = policy;
  return config;
}

struct router_fixture : messaging_site {
  explicit router_fixture(share_policy policy = share_policy::round_robin)
    : messaging_site(1, with_policy(policy)) {}

  messaging_subscriber& add(std::string_view client_id) {
    clients.push_back(
      std::make_unique<messaging_subscriber>(*this, client_id));
    return *clients.back();
  }

  /// Members a, b, … of one group on "work".
  void add_members(int count, mqtt::qos quality = qos_1) {
    for (int i = 0; i < count; ++i) {
      auto& member = add(std::string(1, static_cast<char>('a' + i)));
      member.subscribe("$share/g/work", {quality});
      member.connect();
    }
  }

  reason_code publish(std::string_view payload, mqtt::qos quality = qos_1,
                      bool retain = false,
                      std::string_view topic_name = "work",
                      mqtt::publisher_id publisher = 0) {
    mqtt::message_fields fields;
    fields.topic_name = topic_name;
    fields.payload = payload;
    fields.quality = quality;
    fields.retain = retain;
    fields.publisher = publisher;
    return local().router.publish(mqtt::message::make(fields));
  }

  void publish_numbers(int count) {
    for (int i = 0; i < count; ++i)
      publish(std::to_string(i));
  }

  std::vector<std::unique_ptr<messaging_subscriber>> clients;
};

/// What `session_runner` does with a delivery: it is in flight from then on.
void put_in_flight(messaging_subscriber& member) {
  auto& flow = member.queue->state().outbound;
  flow.attach(100);
  for (auto& item : std::exchange(member.deliveries, {}))
    flow.open(std::move(item), 0);
}

std::string sorted(std::string text) {
  std::istringstream words{text};
  std::vector<std::string> all{std::istream_iterator<std::string>{words}, {}};
  std::ranges::sort(all);
  std::string joined;
  for (const auto& word : all)
    joined += (joined.empty() ? "" : " ") + word;
  return joined;
}

} // namespace

TEST_CASE("a message without subscribers says so (3.4.2.1)") {
  router_fixture fixture;
  CHECK(fixture.publish("x") == reason_code::no_matching_subscribers);
}

TEST_CASE("each subscriber gets the lesser of two QoS [MQTT-3.8.4-8]") {
  router_fixture fixture;
  auto& client = fixture.add("c");
  client.subscribe("#", {qos_1});
  client.connect();
  for (const auto quality : {qos_0, qos_1, qos_2})
    CHECK(fixture.publish("x", quality) == reason_code::success);
  REQUIRE(client.deliveries.size() == 3);
  CHECK(client.deliveries[0].quality == qos_0);
  CHECK(client.deliveries[1].quality == qos_1);
  CHECK(client.deliveries[2].quality == qos_1);
}

TEST_CASE("RETAIN goes on only where it was asked for [MQTT-3.3.1-12] "
          "[MQTT-3.3.1-13]") {
  router_fixture fixture;
  auto& plain = fixture.add("plain");
  auto& faithful = fixture.add("faithful");
  plain.subscribe("work", {qos_1});
  faithful.subscribe("work", {qos_1, false, true});
  plain.connect();
  faithful.connect();
  fixture.publish("x", qos_1, true);
  CHECK(!plain.deliveries.at(0).retain);
  CHECK(faithful.deliveries.at(0).retain);
}

TEST_CASE("No Local keeps a message from its publisher alone "
          "[MQTT-3.8.3-3]") {
  router_fixture fixture;
  auto& self = fixture.add("self");
  auto& other = fixture.add("other");
  for (auto* client : {&self, &other}) {
    client->subscribe("work", {qos_1, true});
    client->connect();
  }
  fixture.publish("x", qos_1, false, "work", self.queue->id().value());
  CHECK(self.received().empty());
  CHECK(other.received() == "x");
}

TEST_CASE("a queue that is gone does not hold up the others") {
  router_fixture fixture;
  auto& gone = fixture.add("gone");
  auto& there = fixture.add("there");
  for (auto* client : {&gone, &there}) {
    client->subscribe("work", {qos_1});
    client->connect();
  }
  // The index hears of it later.
  gone.queue->retire(reason_code::success);
  fixture.publish("x");
  CHECK(there.received() == "x");
  CHECK(fixture.count(metric::delivery_stale) == 1);
}

// -- share groups ------------------------------------------------------------

TEST_CASE("a share group gets each message once (4.8.2)") {
  router_fixture fixture;
  fixture.add_members(3);
  fixture.publish_numbers(9);
  std::size_t sum = 0;
  for (const auto& member : fixture.clients) {
    CHECK(member->deliveries.size() == 3);
    sum += member->deliveries.size();
  }
  CHECK(sum == 9);
}

TEST_CASE("least_loaded spares the member that is behind") {
  router_fixture fixture{share_policy::least_loaded};
  fixture.add_members(3);
  fixture.clients[1]->room = 0;
  fixture.clients[1]->offer_all("busy busy busy");
  fixture.publish_numbers(30);
  CHECK(fixture.clients[1]->queue->depth() == 3);
  CHECK(fixture.clients[0]->deliveries.size()
          + fixture.clients[2]->deliveries.size()
        == 30);
}

TEST_CASE("least_loaded comes back to a member that caught up") {
  router_fixture fixture{share_policy::least_loaded};
  fixture.add_members(2);
  for (const auto& member : fixture.clients)
    member->room = 0;
  fixture.clients[1]->offer_all("busy busy");
  fixture.publish("0");
  CHECK(fixture.clients[0]->queue->depth() == 1);
  fixture.clients[1]->room = 2;
  fixture.clients[1]->queue->drain();
  fixture.publish("1");
  CHECK(fixture.clients[1]->queue->depth() == 1);
}

TEST_CASE("a member that leaves hands what waits in it to the others, in "
          "order") {
  router_fixture fixture;
  fixture.add_members(2);
  auto& leaving = *fixture.clients[0];
  leaving.room = 0;
  fixture.publish_numbers(6);
  const auto left = leaving.queue->depth();
  REQUIRE(left == 3);
  fixture.clients[1]->received();
  leaving.queue->retire(reason_code::success);
  CHECK(fixture.clients[1]->deliveries.size() == left);
  CHECK(std::ranges::is_sorted(fixture.clients[1]->deliveries, {},
                               [](const mqtt::delivery& item) {
                                 return item.message->payload();
                               }));
  CHECK(fixture.count(metric::shared_redistributed) == left);
}

TEST_CASE("a dead member's unacknowledged QoS 1 messages go to the others, "
          "its QoS 2 messages do not [MQTT-4.8.2-4] [MQTT-4.8.2-5]") {
  router_fixture fixture;
  fixture.add_members(2, qos_2);
  auto& dying = *fixture.clients[0];
  fixture.clients[1]->room = 0; // the policy sees both online all the same
  for (const char* word : {"a1", "b1", "c1", "d1"})
    fixture.publish(word, qos_1);
  for (const char* word : {"a2", "b2", "c2", "d2"})
    fixture.publish(word, qos_2);
  put_in_flight(dying);
  fixture.clients[1]->room = 100;
  fixture.clients[1]->queue->drain();
  fixture.clients[1]->received();
  dying.queue->retire(reason_code::unspecified_error);
  const auto moved = fixture.clients[1]->received();
  CHECK(moved.size() == 5);
  CHECK(moved.find('2') == std::string::npos);
}

TEST_CASE("a member that goes offline keeps its messages when nobody else is "
          "online") {
  router_fixture fixture;
  fixture.add_members(2);
  fixture.clients[1]->drop();
  auto& last = *fixture.clients[0];
  last.room = 0;
  fixture.publish_numbers(4);
  last.drop();
  CHECK(last.queue->depth() == 4);
  last.room = 10;
  last.connect();
  CHECK(sorted(last.received()) == "0 1 2 3");
}

TEST_CASE("a group without a member that can keep a message loses it, and "
          "counts it") {
  router_fixture fixture;
  fixture.add_members(1);
  fixture.clients[0]->drop();
  fixture.publish("x", qos_0);
  CHECK(fixture.count(metric::queue_message_unhandled) == 1);
}

TEST_CASE("a redistributed message keeps its QoS and its group") {
  router_fixture fixture;
  fixture.add_members(2);
  fixture.clients[0]->room = 0;
  fixture.clients[1]->room = 0;
  fixture.publish_numbers(2);
  fixture.clients[0]->queue->retire(reason_code::success);
  fixture.clients[1]->room = 10;
  fixture.clients[1]->queue->drain();
  REQUIRE(fixture.clients[1]->deliveries.size() == 2);
  CHECK(fixture.clients[1]->deliveries[0].share
        == fixture.clients[1]->deliveries[1].share);
  CHECK(fixture.clients[1]->deliveries[1].quality == qos_1);
}

TEST_CASE("when all members of a group are gone and the index does not know "
          "yet, their messages end, and are counted") {
  router_fixture fixture;
  fixture.add_members(3);
  for (const auto& member : fixture.clients)
    member->room = 0;
  fixture.publish_numbers(3);
  for (const auto& member : fixture.clients)
    member->queue->retire(reason_code::success);
  CHECK(fixture.count(metric::queue_message_unhandled) == 3);
  fixture.publish("late");
  CHECK(fixture.count(metric::queue_message_unhandled) == 4);
}

} // namespace router_test
