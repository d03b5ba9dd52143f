#include "actors/messaging/overload/slow_clients.hpp"

#include "test/support/messaging_node.hpp"
#include "test/support/messaging_subscriber.hpp"

#include <doctest/doctest.h>

namespace overload_slow_clients_test {

using namespace hetzel;
using namespace hetzel::messaging;
using namespace std::chrono_literals;
using hetzel::test::messaging_site;
using hetzel::test::messaging_subscriber;
using mqtt::reason_code;

namespace {

constexpr auto qos_0 = mqtt::qos::at_most_once;
constexpr auto qos_1 = mqtt::qos::at_least_once;

} // namespace

TEST_CASE("QoS 0 for a client that does not take it at once is dropped, what "
          "it takes and QoS 1 are not") {
  messaging_site here;
  messaging_subscriber client{here, "c"};
  static_cast<void>(client.connect());
  here.exchange.shed(overload_level::high, 2);
  client.room = 1;
  client.offer("taken", qos_0);
  client.offer("dropped", qos_0);
  client.offer("waits", qos_1);
  CHECK(here.count(metric::overload_slow_dropped) == 1);
  here.exchange.shed(overload_level::none, 0);
  client.offer("waits_too", qos_0);
  client.room = 10;
  client.queue->drain();
  CHECK(client.received() == "taken waits waits_too");
}

TEST_CASE("the client with the most that waits goes, and no other") {
  messaging_site here;
  messaging_subscriber idle{here, "idle"};
  messaging_subscriber slow{here, "slow"};
  messaging_subscriber slower{here, "slower"};
  messaging_subscriber absent{here, "absent"};
  for (auto* one : {&idle, &slow, &slower, &absent})
    static_cast<void>(one->connect(1h));
  absent.drop();
  slow.room = slower.room = 0;
  slow.offer("a");
  slower.offer_all("a b");
  absent.offer_all("a b c");
  CHECK(disconnect_slowest(here.local()) == 1);
  CHECK(slower.ended == reason_code::server_busy);
  CHECK(!slow.ended);
  CHECK(!idle.ended);
  CHECK(here.count(metric::overload_disconnected) == 1);
}

TEST_CASE("where nothing waits nobody goes") {
  messaging_site here;
  messaging_subscriber idle{here, "idle"};
  static_cast<void>(idle.connect());
  CHECK(disconnect_slowest(here.local()) == 0);
}

} // namespace overload_slow_clients_test
