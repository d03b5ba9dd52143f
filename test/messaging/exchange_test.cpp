#include "actors/messaging/exchange.hpp"

#include "actors/messaging/router.hpp"
#include "test/support/messaging_node.hpp"

#include <doctest/doctest.h>

#include <future>
#include <set>

namespace exchange_test {

using namespace hetzel;
using namespace hetzel::messaging;
using hetzel::test::messaging_site;
using hetzel::test::open_config;

namespace {

struct nobody final : net::judgement_waiter {
  void on_judged(const mqtt::judgement&) override {}
  void on_auth_step(const mqtt::auth_step&) override {}
};

} // namespace

TEST_CASE("a subscriber's home is always the same, and all are used") {
  messaging_site site{4};
  std::set<std::size_t> homes;
  for (int i = 0; i < 100; ++i) {
    const subscriber_key key{"", std::to_string(i)};
    const auto home = site.exchange.home_of(key);
    CHECK(home == site.exchange.home_of({"", std::to_string(i)}));
    homes.insert(home);
  }
  CHECK(homes == std::set<std::size_t>{0, 1, 2, 3});
}

TEST_CASE("without anonymous access and without plugins nobody comes in "
          "(spec 2.3)") {
  messaging_site site{1, {}};
  const auto context = std::make_shared<net::listener_context>();
  const auto judge = [&](mqtt::protocol_version version) {
    mqtt::connect_request request;
    request.packet.version = version;
    net::accepted_socket client;
    client.slot = net::connection_slot::take(context);
    nobody waiter;
    return site.exchange.judge(request, client, waiter)->code;
  };
  CHECK(judge(mqtt::protocol_version::v5)
        == mqtt::reason_code::bad_user_name_or_password);
  CHECK(judge(mqtt::protocol_version::v3_1_1)
        == mqtt::reason_code::not_authorized);
  context->config.allow_anonymous_override = true;
  CHECK(judge(mqtt::protocol_version::v5) == mqtt::reason_code::success);
}

TEST_CASE("a listener has a durability of its own, or the node's") {
  messaging_site site{1, {}};
  net::listener_config listener;
  site.exchange.message_durability = net::message_durability::synced;
  CHECK(site.exchange.durability_of(listener)
        == net::message_durability::synced);
  listener.message_durability = net::message_durability::relaxed;
  CHECK(site.exchange.durability_of(listener)
        == net::message_durability::relaxed);
}

TEST_CASE("a new configuration counts at once for who asks, and reaches every "
          "reactor") {
  messaging_site site{2, {}};
  site.pool->start();
  site.exchange.set_config(open_config());
  CHECK(site.exchange.config()->messaging.allow_anonymous);
  for (std::size_t i = 0; i < 2; ++i) {
    std::promise<bool> seen;
    (*site.pool)[i].post([&] {
      seen.set_value(site.local(i).config->messaging.allow_anonymous);
    });
    CHECK(seen.get_future().get());
  }
}

TEST_CASE("a listener's own versions hold, the rest is the node's") {
  auto config = open_config();
  config.limits.client_id_size_max = 7;
  messaging_site site{1, config};
  net::listener_config listener;
  listener.allowed_versions.v3_1 = false;
  const auto limits = site.exchange.limits(listener);
  CHECK(!limits.allowed_versions.v3_1);
  CHECK(limits.allowed_versions.v5);
  CHECK(limits.client_id_size_max == 7);
}

TEST_CASE("assigned client ids do not repeat [MQTT-3.1.3-6]") {
  messaging_site site;
  std::set<std::string> ids;
  for (int i = 0; i < 1'000; ++i)
    ids.insert(site.exchange.assign_client_id());
  CHECK(ids.size() == 1'000);
  CHECK(ids.begin()->size() >= 32);
}

TEST_CASE("a filter's retained shards include that of every topic it "
          "matches") {
  messaging_site site{4};
  const auto& exchange = site.exchange;
  for (const char* topic : {"a", "a/b", "/a", "", "b/c/d"}) {
    const auto shard = exchange.retained_shard_of("m", topic);
    for (const char* filter : {"#", "+/b", "+"}) {
      const auto [first, last] = exchange.retained_shards_of("m", filter);
      CHECK(first <= shard);
      CHECK(shard <= last);
    }
  }
  for (const char* filter : {"a/#", "a/+", "a"}) {
    const auto [first, last] = exchange.retained_shards_of("m", filter);
    CHECK(first == exchange.retained_shard_of("m", "a/b"));
    CHECK(last == first);
  }
}

TEST_CASE("an exchange that ends with messages under way ends cleanly") {
  messaging_site site{2};
  // On the other reactor, whose courier is not there to take them.
  site.exchange.subscriptions.write(
    site.exchange.subscriptions.shard_of_topic("", "t"), [](auto& index) {
      index.insert("", {{}, "t"}, {queue_id{1, 1, 0}, {}, 0});
    });
  mqtt::message_fields fields;
  fields.topic_name = "t";
  auto& router = site.local().router;
  for (int i = 0; i <= transit_credit::in_transit_max; ++i)
    router.publish(mqtt::message::make(fields));
  router.flush();
  CHECK(router.is_stalled());
  CHECK(!site.local(1).inbox.empty());
}

} // namespace exchange_test
