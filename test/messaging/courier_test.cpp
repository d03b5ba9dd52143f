#include "actors/messaging/courier.hpp"

#include "actors/messaging/tree.hpp"
#include "test/support/event_log.hpp"
#include "test/support/messaging_subscriber.hpp"

#include <doctest/doctest.h>

#include <caf/exit_reason.hpp>
#include <caf/send.hpp>

#include <atomic>
#include <future>
#include <thread>

namespace courier_test {

using namespace hetzel;
using namespace hetzel::messaging;
using hetzel::test::event_log;
using hetzel::test::messaging_client;
using hetzel::test::messaging_node;
using hetzel::test::messaging_site;

namespace {

constexpr auto qos_1 = mqtt::qos::at_least_once;

/// A publisher that rests.
struct resting final : stallable {
  explicit resting(event_log& events) : events_(events) {}
  void on_unstalled() override { events_.add("go on"); }

private:
  event_log& events_;
};

/// `job` on that reactor, to its end.
template <class Job>
void run_on(runtime::reactor& home, Job job) {
  std::promise<void> done;
  home.post([&] {
    job();
    done.set_value();
  });
  done.get_future().get();
}

} // namespace

TEST_CASE("messages reach subscribers of another reactor in the order they "
          "were sent [MQTT-4.6.0-6]") {
  messaging_node node;
  auto subscriber = node.client(node.id_on(1, "sub"));
  auto publisher = node.client(node.id_on(0, "pub"));
  subscriber.subscribe("t", {qos_1});
  for (int i = 0; i < 500; ++i)
    publisher.publish("t", std::to_string(i), mqtt::qos::at_most_once);
  publisher.publish("t", "end", qos_1);
  const auto got = subscriber.until("end");
  REQUIRE(got.size() == 500);
  for (int i = 0; i < 500; ++i)
    REQUIRE(got[static_cast<std::size_t>(i)] == std::to_string(i));
}

TEST_CASE("what was acknowledged is delivered when the courier dies on the "
          "way") {
  messaging_node node;
  auto subscriber = node.client(node.id_on(1, "sub"));
  subscriber.subscribe("t", {qos_1});
  std::atomic<bool> is_done{false};
  std::vector<std::string> acknowledged;
  std::thread publishing{[&] {
    auto publisher = node.client(node.id_on(0, "pub"));
    for (int i = 0; !is_done; ++i) {
      acknowledged.push_back(std::to_string(i));
      CHECK(publisher.publish("t", acknowledged.back()) ==
            mqtt::reason_code::success);
    }
    publisher.publish("t", "end");
  }};
  for (int i = 0; i < 3; ++i)
    CHECK(node.restart("messaging.courier", 1));
  is_done = true;
  publishing.join();
  CHECK(subscriber.until("end") == acknowledged);
}

TEST_CASE("a woken courier lets stalled publishers of its reactor go on") {
  messaging_site site;
  site.pool->start();
  event_log events;
  resting publisher{events};
  const auto made = spawn_courier((*site.pool)[0], site.local());
  // Whoever waits without need is told so by a message to the courier; there
  // is no handle to send it to.
  run_on((*site.pool)[0],
         [&] { site.local().router.await_credit(publisher); });
  caf::anon_send(made, wake_atom_v);
  CHECK(events.wait_for("go on"));
  run_on((*site.pool)[0], [&] { publisher.unlist(); });
  caf::anon_send_exit(made, caf::exit_reason::kill);
  site.self->wait_for(made);
}

TEST_CASE("a publisher that waits for credit goes on after its courier was "
          "restarted") {
  messaging_node node;
  event_log events;
  resting publisher{events};
  const auto former = node.actor("messaging.courier", 0);
  hetzel::test::node_probe::kill(former);
  // Its own call is lost if nobody is there; the next courier looks.
  run_on((*node.pool)[0],
         [&] { node.local().router.await_credit(publisher); });
  CHECK(events.wait_for("go on"));
  run_on((*node.pool)[0], [&] { publisher.unlist(); });
}

TEST_CASE("a courier that starts looks for what came while there was none") {
  messaging_site site;
  event_log events;
  resting publisher{events};
  // It has room, but nobody is there to say so.
  site.local().router.await_credit(publisher);
  site.pool->start();
  const auto tree = runtime::spawn_supervisor(
    site.system,
    messaging_supervisor(site.system, *site.pool, site.exchange, {}));
  CHECK(events.wait_for("go on"));
  site.self->send_exit(tree, caf::exit_reason::user_shutdown);
  site.self->wait_for(tree);
}

} // namespace courier_test
