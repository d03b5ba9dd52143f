#include "actors/messaging/session_actor.hpp"

#include "test/support/messaging_node.hpp"

#include <doctest/doctest.h>

#include <caf/actor_cast.hpp>
#include <caf/send.hpp>

namespace session_actor_test {

using namespace hetzel;
using namespace hetzel::messaging;
using hetzel::test::entry_of;
using hetzel::test::messaging_client;
using hetzel::test::messaging_node;
using hetzel::test::node_probe;
using hetzel::test::persistent;

namespace {

using mqtt::reason_code;

constexpr auto qos_1 = mqtt::qos::at_least_once;
constexpr auto qos_2 = mqtt::qos::exactly_once;

caf::strong_actor_ptr session_of(const messaging_node& node,
                                 std::string_view client_id) {
  return node.probe.find("messaging.session", "client_id", client_id)
    ->listing.actor;
}

} // namespace

TEST_CASE("a session says who its client is and where it comes from") {
  messaging_node node;
  auto client = node.client("c");
  const auto session = node.probe.find("messaging.session", "client_id", "c");
  REQUIRE(session);
  CHECK(entry_of(*session, "peer").starts_with("127.0.0.1:"));
  CHECK(entry_of(*session, "mountpoint").empty());
  CHECK(entry_of(*session, "held_by").empty());
  CHECK(session->description.reactor == node.exchange.home_of({"", "c"}));
}

TEST_CASE("an operator can end a session with a reason code "
          "[MQTT-3.14.0-1]") {
  messaging_node node;
  auto client = node.client(persistent("c"));
  caf::anon_send(caf::actor_cast<session_actor>(session_of(node, "c")),
                 disconnect_atom_v,
                 static_cast<std::uint8_t>(reason_code::administrative_action));
  CHECK(client.wait_closed() == reason_code::administrative_action);
  CHECK(client.connect(persistent("c")).session_present);
}

TEST_CASE("a session that dies closes its socket and publishes the will; the "
          "Session stays [MQTT-3.1.2-8]") {
  messaging_node node;
  auto watcher = node.client("watcher");
  watcher.subscribe("wills", {qos_1});
  auto options = persistent("c");
  options.will = {.topic_name = "wills", .payload = "gone", .quality = qos_1};
  auto client = node.client(options);
  client.subscribe("t", {qos_1});
  node_probe::kill(session_of(node, "c"));
  client.wait_closed();
  CHECK(watcher.next().payload == "gone");
  watcher.publish("t", "kept");
  CHECK(client.connect(persistent("c")).session_present);
  CHECK(client.next().payload == "kept");
}

TEST_CASE("what was in flight when the session died is sent again "
          "[MQTT-4.4.0-1]") {
  messaging_node node;
  auto client = node.client(persistent("c"));
  client.set_acknowledging(false);
  client.subscribe("t", {qos_2});
  client.publish("t", "one", qos_1);
  client.publish("t", "two", qos_2);
  const auto first = client.next();
  const auto second = client.next();
  node_probe::kill(session_of(node, "c"));
  client.wait_closed();
  client.set_acknowledging(true);
  // A client that forgot what it had: both come with their ids and DUP.
  messaging_client again{node.port()};
  CHECK(again.connect(persistent("c")).session_present);
  const auto third = again.next();
  CHECK(third.payload == "one");
  CHECK(third.id == first.id);
  CHECK(third.dup);
  const auto fourth = again.next();
  CHECK(fourth.id == second.id);
  CHECK(fourth.dup);
}

TEST_CASE("a QoS 2 PUBLISH that was received before the session died is "
          "routed once [MQTT-4.3.3-10]") {
  messaging_node node;
  auto watcher = node.client("watcher");
  watcher.subscribe("t", {qos_2});
  auto client = node.client(persistent("c"));
  mqtt::publish packet;
  packet.id = 7;
  packet.quality = qos_2;
  packet.topic_name = "t";
  packet.payload = "once";
  client.send(packet);
  client.expect(mqtt::packet_type::pubrec);
  node_probe::kill(session_of(node, "c"));
  client.wait_closed();
  CHECK(client.connect(persistent("c")).session_present);
  packet.dup = true;
  client.send(packet);
  client.expect(mqtt::packet_type::pubrec);
  client.send(mqtt::pubrel{{7, {}, {}}});
  client.expect(mqtt::packet_type::pubcomp);
  client.publish("t", "end");
  CHECK(watcher.until("end") == std::vector<std::string>{"once"});
}

TEST_CASE("a session that ended leaves no actor behind") {
  messaging_node node;
  auto one = node.client("one");
  auto two = node.client(persistent("two"));
  one.disconnect();
  two.close();
  CHECK(node_probe::eventually([&] {
    return node.probe.all("messaging.session").empty()
           && node.probe.all("messaging.queue").size() == 1;
  }));
  CHECK(node.probe.of_client("messaging.queue", "two", "state") == "offline");
}

} // namespace session_actor_test
