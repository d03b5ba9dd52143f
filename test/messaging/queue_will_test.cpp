#include "actors/messaging/queue.hpp"

#include "test/support/messaging_subscriber.hpp"

#include <doctest/doctest.h>

namespace queue_will_test {

using namespace hetzel;
using namespace hetzel::messaging;
using namespace std::chrono_literals;
using hetzel::test::messaging_site;
using hetzel::test::messaging_subscriber;
using hetzel::test::open_config;

namespace {

/// A client with a will, and one that waits for it.
struct will_fixture : messaging_site {
  explicit will_fixture(live_config config = open_config())
    : messaging_site(1, std::move(config)),
      client(*this, "client"),
      mourner(*this, "mourner") {
    mourner.subscribe("wills", {mqtt::qos::at_least_once});
    mourner.connect();
  }

  void connect(std::chrono::seconds delay,
               std::optional<std::chrono::seconds> session_expiry) {
    mqtt::connect_request request;
    request.packet.will
      = mqtt::will{"wills", "gone", mqtt::qos::at_least_once, false, {}};
    request.will_delay = delay;
    request.session_expiry = session_expiry;
    client.connect(request);
  }

  void pass(std::chrono::seconds time) {
    client.queue->on_timeout(local().home.now() + time);
  }

  std::string published() { return mourner.received(); }

  messaging_subscriber client;
  messaging_subscriber mourner;
};

} // namespace

TEST_CASE("a will without delay is published when the connection breaks "
          "[MQTT-3.1.2-8]") {
  will_fixture fixture;
  fixture.connect(0s, std::nullopt);
  CHECK(fixture.published().empty());
  fixture.client.drop();
  CHECK(fixture.published() == "gone");
  CHECK(fixture.count(metric::will_published) == 1);
}

TEST_CASE("DISCONNECT with 0x00 discards the will [MQTT-3.14.4-3]") {
  will_fixture fixture;
  fixture.connect(0s, std::nullopt);
  fixture.client.end_with({mqtt::reason_code::success, true, std::nullopt});
  CHECK(fixture.published().empty());
  fixture.pass(1h);
  CHECK(fixture.published().empty());
}

TEST_CASE("a delayed will is published when its time has come, once "
          "(3.1.3.2.2)") {
  will_fixture fixture;
  fixture.connect(30s, std::nullopt);
  fixture.client.drop();
  fixture.pass(29s);
  CHECK(fixture.published().empty());
  fixture.pass(31s);
  CHECK(fixture.published() == "gone");
  fixture.pass(90s);
  CHECK(fixture.published().empty());
}

TEST_CASE("a client that is back in time cancels its will "
          "[MQTT-3.1.3-9]") {
  will_fixture fixture;
  fixture.connect(30s, std::nullopt);
  fixture.client.drop();
  fixture.client.connect();
  CHECK(fixture.count(metric::will_cancelled) == 1);
  fixture.client.drop();
  fixture.pass(1h);
  CHECK(fixture.published().empty());
}

TEST_CASE("the end of the Session publishes a will that is still delayed "
          "[MQTT-3.1.2-8]") {
  will_fixture fixture;
  fixture.connect(100s, 10s);
  fixture.client.drop();
  fixture.pass(9s);
  CHECK(fixture.published().empty());
  fixture.pass(11s);
  CHECK(fixture.published() == "gone");
  CHECK(fixture.client.is_stopped);
}

TEST_CASE("the will of a Session that ends with its connection is not "
          "delayed (3.1.3.2.2)") {
  will_fixture fixture;
  fixture.connect(100s, 0s);
  fixture.client.drop();
  CHECK(fixture.published() == "gone");
}

TEST_CASE("a CONNECT that begins a new Session publishes the old one's "
          "delayed will [MQTT-3.1.4-3]") {
  will_fixture fixture;
  fixture.connect(100s, std::nullopt);
  fixture.client.drop();
  fixture.client.queue->retire(mqtt::reason_code::session_taken_over);
  CHECK(fixture.published() == "gone");
}

TEST_CASE("a takeover publishes the will unless it is suppressed "
          "(spec 3.3)") {
  for (const bool is_suppressed : {false, true}) {
    auto config = open_config();
    config.messaging.suppress_will_on_takeover = is_suppressed;
    will_fixture fixture{config};
    fixture.connect(0s, std::nullopt);
    fixture.client.connect();
    CHECK(fixture.published() == (is_suppressed ? "" : "gone"));
  }
}

TEST_CASE("each connection has the will of its own CONNECT") {
  will_fixture fixture;
  fixture.connect(0s, std::nullopt);
  fixture.client.end_with({mqtt::reason_code::success, true, std::nullopt});
  fixture.client.connect();
  fixture.client.drop();
  CHECK(fixture.published().empty());
}

} // namespace queue_will_test
