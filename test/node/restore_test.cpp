#include "actors/messaging/restore.hpp"

#include "actors/node/node.hpp"
#include "test/support/node_fixture.hpp"

#include <doctest/doctest.h>

#include <string>

namespace restore_test {

using namespace hetzel;
using hetzel::test::messaging_client;
using hetzel::test::open_node_config;
using hetzel::test::persistent;
using hetzel::test::temporary_directory;

namespace {

constexpr auto qos_1 = mqtt::qos::at_least_once;

/// One life of a node on a directory that outlives it.
struct life {
  explicit life(const temporary_directory& home) : running(at(home)) {
    REQUIRE(running.start());
    port = running.listeners().front().port;
  }

  static node::node_config at(const temporary_directory& home) {
    auto config = open_node_config();
    config.data_dir = home.path();
    return config;
  }

  node::node running;
  std::uint16_t port = 0;
};

} // namespace

TEST_CASE("a node goes on with the Sessions and retained messages of its "
          "former life, and serves nobody before [MQTT-4.1.0-1]") {
  const temporary_directory home;
  constexpr int clients = 40; // on both reactors, in many groups
  {
    life first{home};
    for (int i = 0; i < clients; ++i) {
      const auto number = std::to_string(i);
      messaging_client client{first.port, persistent("c" + number)};
      client.subscribe("t/" + number, {qos_1});
      client.publish("r/" + number, number, qos_1, true);
      client.disconnect();
    }
  }
  life second{home};
  messaging_client publisher{second.port, {.client_id = "publisher"}};
  for (int i = 0; i < clients; ++i) {
    const auto number = std::to_string(i);
    CHECK(publisher.publish("t/" + number, "live")
          == mqtt::reason_code::success);
    messaging_client client{second.port};
    CHECK(client.connect(persistent("c" + number)).session_present);
    CHECK(client.next().payload == "live");
    client.subscribe("r/" + number, {qos_1});
    CHECK(client.next().payload == number);
    client.disconnect();
  }
}

TEST_CASE("a Session that ended is not there in the next life "
          "[MQTT-3.1.2-4]") {
  const temporary_directory home;
  {
    life first{home};
    messaging_client client{first.port, persistent("c")};
    client.subscribe("t", {qos_1});
    client.disconnect();
    messaging_client clean{first.port, {.client_id = "c"}};
    clean.disconnect();
  }
  life second{home};
  messaging_client client{second.port};
  CHECK_FALSE(client.connect(persistent("c")).session_present);
}

} // namespace restore_test
