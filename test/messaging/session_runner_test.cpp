#include "actors/messaging/session_runner.hpp"

#include "test/support/messaging_node.hpp"

#include <doctest/doctest.h>

#include <string>

namespace session_runner_test {

using namespace hetzel;
using namespace hetzel::messaging;
using hetzel::test::client_options;
using hetzel::test::messaging_node;
using hetzel::test::node_probe;
using hetzel::test::open_config;

namespace {

using mqtt::reason_code;

constexpr auto qos_0 = mqtt::qos::at_most_once;
constexpr auto qos_1 = mqtt::qos::at_least_once;

live_config small_buffers() {
  auto config = open_config();
  config.messaging.write_buffer_max = 16 * 1024;
  config.messaging.queues.online_max = 50;
  return config;
}

std::size_t number(const messaging_node& node, std::string_view kind,
                   std::string_view client_id, std::string_view key) {
  const auto text = node.probe.of_client(kind, client_id, key);
  return text.empty() ? 0 : std::stoul(text);
}

} // namespace

TEST_CASE("a client that does not read costs a write buffer and a queue, no "
          "more, and nobody else anything") {
  messaging_node node{small_buffers()};
  auto lazy = node.client("lazy");
  auto eager = node.client("eager");
  auto publisher = node.client("pub");
  lazy.subscribe("t", {qos_0});
  eager.subscribe("t", {qos_0});
  const std::string payload(8'000, 'x');
  // More than the kernel's buffers hold.
  for (int i = 0; i < 2'000; ++i) {
    publisher.publish("t", payload, qos_1);
    REQUIRE(eager.next().payload.size() == payload.size());
    if (node.count(metric::queue_message_drop) > 10)
      break;
  }
  CHECK(node.count(metric::queue_message_drop) > 10);
  CHECK(number(node, "messaging.queue", "lazy", "pending") == 50);
  // The last message may begin below the limit.
  CHECK(number(node, "messaging.session", "lazy", "output_bytes")
        <= 16 * 1024 + 8'100);
  CHECK(node.probe.of_client("messaging.session", "lazy", "held_by")
        == "output");
  // When it reads again, what waited comes, and the session is as before.
  lazy.publish("t", "end", qos_0);
  lazy.until("end");
  CHECK(node_probe::eventually([&] {
    return node.probe.of_client("messaging.session", "lazy", "held_by")
           .empty();
  }));
}

TEST_CASE("who publishes faster than max_message_rate waits, and loses "
          "nothing") {
  auto config = open_config();
  config.messaging.message_rate_max = 200;
  messaging_node node{config};
  auto subscriber = node.client("sub");
  subscriber.subscribe("t", {qos_0});
  auto publisher = node.client("pub");
  const auto begin = std::chrono::steady_clock::now();
  for (int i = 0; i < 300; ++i)
    publisher.publish("t", std::to_string(i), qos_0);
  publisher.publish("t", "end", qos_1);
  const auto took = std::chrono::steady_clock::now() - begin;
  CHECK(subscriber.until("end").size() == 300);
  CHECK(took >= std::chrono::milliseconds{450});
}

TEST_CASE("Receive Maximum bounds what is in flight; the rest waits in the "
          "queue [MQTT-3.3.4-7]") {
  messaging_node node;
  auto client = node.client({.client_id = "c", .receive_maximum = 3});
  client.set_acknowledging(false);
  client.subscribe("t", {qos_1});
  auto publisher = node.client("pub");
  for (int i = 0; i < 10; ++i)
    publisher.publish("t", std::to_string(i), qos_1);
  CHECK(node_probe::eventually([&] {
    return number(node, "messaging.queue", "c", "pending") == 7;
  }));
  CHECK(number(node, "messaging.queue", "c", "in_flight") == 3);
  const auto first = client.next();
  client.send(mqtt::puback{{first.id, {}, {}}});
  CHECK(node_probe::eventually([&] {
    return number(node, "messaging.queue", "c", "pending") == 6;
  }));
}

TEST_CASE("a PUBLISH to a name with $ is refused to 5.0 and acknowledged to "
          "3.1.1 (4.7.2)") {
  messaging_node node;
  auto modern = node.client("modern");
  CHECK(modern.publish("$SYS/x", "p", qos_1) == reason_code::not_authorized);
  auto older = node.client(client_options{
    .client_id = "older", .version = mqtt::protocol_version::v3_1_1});
  CHECK(older.publish("$SYS/x", "p", qos_1) == reason_code::success);
  CHECK(node.count(metric::publish_auth_error) == 2);
}

TEST_CASE("PUBACK tells whether somebody subscribed (3.4.2.1)") {
  messaging_node node;
  auto client = node.client("c");
  CHECK(client.publish("t", "p", qos_1)
        == reason_code::no_matching_subscribers);
  client.subscribe("t", {qos_0});
  CHECK(client.publish("t", "p", qos_1) == reason_code::success);
}

TEST_CASE("what a client sends behind SUBSCRIBE counts after it") {
  messaging_node node;
  auto client = node.client("c");
  for (int i = 0; i < 50; ++i) {
    const auto topic = "t/" + std::to_string(i);
    client.send(mqtt::subscribe{client.next_id(), 0, {}, {{topic, {qos_0}}}});
    client.publish(topic, topic, qos_0);
  }
  for (int i = 0; i < 50; ++i) {
    client.expect(mqtt::packet_type::suback);
    CHECK(client.next().payload == "t/" + std::to_string(i));
  }
}

} // namespace session_runner_test
