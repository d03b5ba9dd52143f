#include "actors/node/node.hpp"

#include "protocol/property_writer.hpp"
#include "test/support/node_fixture.hpp"

#include <doctest/doctest.h>

#include <chrono>
#include <future>
#include <string>
#include <thread>
#include <vector>

namespace node_test {

using namespace hetzel;
using hetzel::test::client_options;
using hetzel::test::messaging_client;
using hetzel::test::node_fixture;
using hetzel::test::open_node_config;
using hetzel::test::temporary_directory;

namespace {

using mqtt::reason_code;

constexpr auto qos_1 = mqtt::qos::at_least_once;

node::node_config config_at(const temporary_directory& home) {
  auto config = open_node_config();
  config.data_dir = home.path();
  return config;
}

std::string auth_properties(std::string_view answer) {
  std::string coded;
  mqtt::property_writer{coded}
    .value(mqtt::property_id::authentication_method, "HETZEL-TEST")
    .value(mqtt::property_id::authentication_data, answer);
  return coded;
}

std::string auth_data(const hetzel::test::received_packet& packet) {
  const auto value = mqtt::property_view{packet.properties}.value(
    mqtt::property_id::authentication_data);
  return std::string{value.value_or("nothing")};
}

} // namespace

TEST_CASE("a node tells the port that the system chose, and serves it") {
  node_fixture node;
  const auto bound = node.running.listeners();
  REQUIRE(bound.size() == 1);
  CHECK(bound[0].name == "tcp.test");
  CHECK(bound[0].address == "127.0.0.1");
  CHECK(bound[0].port != 0);
  auto client = node.client("c");
  client.subscribe("t", {qos_1});
  client.publish("t", "x");
  CHECK(client.next().payload == "x");
}

TEST_CASE("each listener has its clients, its mountpoint apart") {
  auto config = open_node_config();
  config.listeners.push_back(config.listeners[0]);
  config.listeners[1].name = "tcp.other";
  config.listeners[1].mountpoint = "other";
  node_fixture node{config};
  const auto bound = node.running.listeners();
  messaging_client here{bound[0].port, {.client_id = "c"}};
  messaging_client there{bound[1].port, {.client_id = "c"}};
  there.subscribe("t", {qos_1});
  CHECK(here.publish("t", "x") == reason_code::no_matching_subscribers);
  CHECK(there.publish("t", "y") == reason_code::success);
  CHECK(there.next().payload == "y");
}

TEST_CASE("a port that is taken is a sentence, and nothing runs") {
  node_fixture first;
  auto config = open_node_config();
  config.listeners[0].port = first.port();
  const temporary_directory home;
  config.data_dir = home.path();
  node::node second{config};
  const auto started = second.start();
  REQUIRE(!started);
  CHECK(started.error().find(std::to_string(first.port()))
        != std::string::npos);
  CHECK(second.root() == nullptr);
  second.stop();
  CHECK_NOTHROW(first.client("c").ping());
}

TEST_CASE("stopping tells 5.0 clients 0x8B, closes the others, and ends "
          "twice as well as once [MQTT-3.14.0-1]") {
  node_fixture node;
  auto modern = node.client("modern");
  auto older = node.client(client_options{
    .client_id = "older", .version = mqtt::protocol_version::v3_1_1});
  std::thread stopping{[&] { node.running.stop(); }};
  CHECK(modern.wait_closed() == reason_code::server_shutting_down);
  CHECK(!older.wait_closed());
  stopping.join();
  node.running.stop();
}

TEST_CASE("a node that stops publishes the wills of its clients "
          "[MQTT-3.1.2-8]") {
  node_fixture node;
  auto dying = node.client(client_options{
    .client_id = "dying",
    .will = {{.topic_name = "wills", .payload = "gone", .quality = qos_1,
              .retain = false, .delay = 0}}});
  // Many, on both reactors: some are still there when the will is published.
  std::vector<messaging_client> watchers;
  for (int i = 0; i < 20; ++i) {
    watchers.push_back(node.client("watcher-" + std::to_string(i)));
    watchers.back().subscribe("wills", {qos_1});
  }
  std::thread stopping{[&] { node.running.stop(); }};
  int saw = 0;
  for (auto& watcher : watchers) {
    watcher.wait_closed();
    saw += watcher.take_messages().empty() ? 0 : 1;
  }
  dying.wait_closed();
  stopping.join();
  CHECK(saw > 0);
}

TEST_CASE("a tree that gave up says so once, and can be stopped still") {
  const temporary_directory home;
  node::node failing{config_at(home)};
  std::promise<void> failed;
  failing.on_failure([&] { failed.set_value(); });
  REQUIRE(failing.start());
  CHECK(!failing.has_failed());
  hetzel::test::node_probe::kill(failing.root());
  CHECK(failed.get_future().wait_for(std::chrono::seconds{20})
        == std::future_status::ready);
  CHECK(failing.has_failed());
  failing.stop();
}

TEST_CASE("an ordered stop is no failure") {
  const temporary_directory home;
  node::node orderly{config_at(home)};
  bool has_failed = false;
  orderly.on_failure([&] { has_failed = true; });
  REQUIRE(orderly.start());
  orderly.stop();
  CHECK(!has_failed);
  CHECK(!orderly.has_failed());
}

TEST_CASE("a node that never started stops at once") {
  node::node idle{open_node_config()};
  CHECK(idle.root() == nullptr);
  idle.stop();
}

TEST_CASE("reloading changes what is live, for the next CONNECT") {
  node_fixture node;
  auto before = node.client("before");
  auto config = open_node_config();
  config.messaging.allow_anonymous = false;
  node.running.reload(config);
  messaging_client late{node.port()};
  CHECK(late.connect({.client_id = "late"}).code
        == reason_code::bad_user_name_or_password);
  CHECK_NOTHROW(before.ping());
  node.running.reload(open_node_config());
  CHECK(late.connect({.client_id = "late"}).code == reason_code::success);
}

TEST_CASE("the AUTH exchange works end to end where the test method is on "
          "[MQTT-4.12.0-2]") {
  auto config = open_node_config();
  config.enhanced_auth_test_method = true;
  node_fixture node{config};
  const client_options options{.client_id = "c", .auth_method = "HETZEL-TEST"};
  messaging_client client{node.port()};
  const auto challenge = client.connect(options);
  CHECK(challenge.type == mqtt::packet_type::auth);
  CHECK(auth_data(challenge) == "challenge");
  const auto answer = auth_properties("egnellahc");
  client.send(mqtt::auth{reason_code::continue_authentication,
                         mqtt::property_view{answer}});
  const auto connack = client.expect(mqtt::packet_type::connack);
  CHECK(connack.code == reason_code::success);
  CHECK(auth_data(connack) == "welcome");

  messaging_client liar{node.port()};
  liar.connect({.client_id = "liar", .auth_method = "HETZEL-TEST"});
  const auto wrong = auth_properties("wrong");
  liar.send(mqtt::auth{reason_code::continue_authentication,
                       mqtt::property_view{wrong}});
  CHECK(liar.expect(mqtt::packet_type::connack).code
        == reason_code::not_authorized);
}

TEST_CASE("without the test method its CONNECT gets 0x8C [MQTT-4.12.0-1]") {
  node_fixture node;
  messaging_client client{node.port()};
  CHECK(client.connect({.client_id = "c", .auth_method = "HETZEL-TEST"}).code
        == reason_code::bad_authentication_method);
}

} // namespace node_test
