#include "actors/messaging/queue.hpp"

#include "test/support/messaging_subscriber.hpp"

#include <doctest/doctest.h>

namespace queue_subscriptions_test {

using namespace hetzel;
using namespace hetzel::messaging;
using hetzel::test::messaging_site;
using hetzel::test::messaging_subscriber;
using hetzel::test::open_config;

namespace {

using kind = subscription_change::kind;
using mqtt::reason_code;

live_config limited(std::size_t subscriptions_max) {
  auto config = open_config();
  config.messaging.subscriptions_per_client_max = subscriptions_max;
  return config;
}

struct subscriptions_fixture : messaging_site {
  explicit subscriptions_fixture(std::size_t subscriptions_max = 100)
    : messaging_site(4, limited(subscriptions_max)), client(*this, "c") {
    client.connect();
  }

  void subscribe(std::vector<mqtt::subscribe_entry> entries,
                 std::uint32_t subscription_id = 0) {
    const std::vector<reason_code> codes(entries.size());
    client.queue->subscribe({1, subscription_id, {}, std::move(entries)},
                            codes);
  }

  void unsubscribe(std::vector<mqtt::bytes_view> filters) {
    client.queue->unsubscribe({2, {}, std::move(filters)});
  }

  /// The index has applied what it was last asked for.
  void apply(std::vector<std::string> failed = {}) {
    client.queue->on_applied(client.tickets.back(), failed);
  }

  messaging_subscriber client;
};

mqtt::subscription_options
options(mqtt::qos quality, mqtt::retain_handling handling
                           = mqtt::retain_handling::send) {
  return {quality, false, false, handling};
}

constexpr auto qos_1 = mqtt::qos::at_least_once;

} // namespace

TEST_CASE("SUBACK waits until the index has the subscription") {
  subscriptions_fixture fixture;
  fixture.subscribe({{"a", options(qos_1)}}, 7);
  CHECK(fixture.client.answers == 0);
  REQUIRE(fixture.client.applied.size() == 1);
  const auto& change = fixture.client.applied[0].changes.at(0);
  CHECK(change.what == kind::insert);
  CHECK(change.topic_filter == "a");
  CHECK(change.subscriber.queue == fixture.client.queue->id());
  CHECK(change.subscriber.subscription_id == 7);
  fixture.apply();
  CHECK(fixture.client.codes == std::vector{reason_code::granted_qos_1});
}

TEST_CASE("UNSUBACK says 0x11 of a filter that was not there "
          "[MQTT-3.11.3-1]") {
  subscriptions_fixture fixture;
  fixture.subscribe({{"a", options(qos_1)}});
  fixture.apply();
  fixture.unsubscribe({"a", "b"});
  fixture.apply();
  CHECK(fixture.client.codes
        == std::vector{reason_code::success,
                       reason_code::no_subscription_existed});
  CHECK(fixture.client.applied.back().changes.size() == 1);
  CHECK(fixture.client.queue->subscriptions().size() == 0);
}

TEST_CASE("beyond max_subscriptions_per_client SUBACK says 0x97, replacing is "
          "allowed") {
  subscriptions_fixture fixture{2};
  fixture.subscribe({{"a", options(qos_1)},
                     {"b", options(qos_1)},
                     {"c", options(qos_1)},
                     {"a", options(mqtt::qos::exactly_once)}});
  fixture.apply();
  CHECK(fixture.client.codes
        == std::vector{reason_code::granted_qos_1, reason_code::granted_qos_1,
                       reason_code::quota_exceeded,
                       reason_code::granted_qos_2});
  CHECK(fixture.count(metric::subscribe_error) == 1);
  CHECK(fixture.client.queue->subscriptions().size() == 2);
}

TEST_CASE("a shard that cannot apply a subscription fails it alone") {
  subscriptions_fixture fixture;
  fixture.subscribe({{"a", options(qos_1)}, {"b", options(qos_1)}});
  fixture.apply({"a"});
  CHECK(fixture.client.codes
        == std::vector{reason_code::unspecified_error,
                       reason_code::granted_qos_1});
  CHECK(fixture.client.queue->subscriptions().find("a") == nullptr);
  CHECK(fixture.client.queue->subscriptions().find("b") != nullptr);
}

TEST_CASE("an answer for a former connection is not given to the next one") {
  subscriptions_fixture fixture;
  fixture.subscribe({{"a", options(qos_1)}});
  fixture.client.drop();
  fixture.client.connect();
  fixture.apply();
  CHECK(fixture.client.answers == 0);
  CHECK(fixture.client.queue->subscriptions().find("a") != nullptr);
}

TEST_CASE("a change that is tried again is what the record says by then") {
  subscriptions_fixture fixture;
  fixture.subscribe({{"a", options(qos_1)}, {"b", options(qos_1)}});
  const auto first = fixture.client.applied.back();
  fixture.unsubscribe({"a"});
  const auto now = fixture.client.queue->as_recorded(first);
  REQUIRE(now.changes.size() == 2);
  CHECK(now.changes[0].what == kind::erase);
  CHECK(now.changes[1].what == kind::insert);
  CHECK(now.changes[1].subscriber.options.quality == qos_1);
}

TEST_CASE("the end of the Session has the index forget its subscriptions") {
  subscriptions_fixture fixture;
  fixture.subscribe({{"a", options(qos_1)}, {"$share/g/b", options(qos_1)}});
  fixture.apply();
  fixture.client.queue->retire(reason_code::success);
  REQUIRE(fixture.client.forgotten.size() == 1);
  CHECK(fixture.client.forgotten[0].changes.size() == 2);
  CHECK(fixture.client.forgotten[0].changes[0].what == kind::erase);
}

// -- retained messages -------------------------------------------------------

TEST_CASE("retained messages are asked for after SUBACK, of the shards that "
          "may have them [MQTT-3.3.1-9]") {
  subscriptions_fixture fixture;
  fixture.subscribe({{"a/b", options(qos_1)}});
  CHECK(fixture.client.fetched.empty());
  fixture.apply();
  REQUIRE(fixture.client.fetched.size() == 1);
  CHECK(fixture.client.fetched[0].topic_filter == "a/b");
  CHECK(fixture.client.fetched[0].shard
        == fixture.exchange.retained_shard_of("", "a/b"));
}

TEST_CASE("a wildcard in front asks all shards, one after the other") {
  subscriptions_fixture fixture;
  fixture.subscribe({{"+/b", options(qos_1)}});
  fixture.apply();
  for (std::uint32_t shard = 0; shard < 4; ++shard) {
    REQUIRE(fixture.client.fetched.size() == shard + 1);
    CHECK(fixture.client.fetched[shard].shard == shard);
    fixture.client.queue->on_retained(fixture.client.fetched[shard].round, {});
  }
  CHECK(fixture.client.fetched.size() == 4);
}

TEST_CASE("retain handling decides [MQTT-3.3.1-9] [MQTT-3.3.1-10] "
          "[MQTT-3.3.1-11]") {
  using enum mqtt::retain_handling;
  subscriptions_fixture fixture;
  fixture.subscribe({{"a", options(qos_1, do_not_send)}});
  fixture.apply();
  CHECK(fixture.client.fetched.empty());
  fixture.subscribe({{"a", options(qos_1, send_if_new)}});
  fixture.apply();
  CHECK(fixture.client.fetched.empty());
  fixture.subscribe({{"b", options(qos_1, send_if_new)}});
  fixture.apply();
  CHECK(fixture.client.fetched.size() == 1);
  fixture.client.queue->on_retained(fixture.client.fetched[0].round, {});
  fixture.subscribe({{"a", options(qos_1, send)}});
  fixture.apply();
  CHECK(fixture.client.fetched.size() == 2);
}

TEST_CASE("a shared subscription gets no retained messages (4.8.2)") {
  subscriptions_fixture fixture;
  fixture.subscribe({{"$share/g/a", options(qos_1)}});
  fixture.apply();
  CHECK(fixture.client.fetched.empty());
}

TEST_CASE("a slow client is fed retained messages as it has room") {
  subscriptions_fixture fixture;
  fixture.client.room = 0;
  fixture.subscribe({{"a/#", options(qos_1)}});
  fixture.apply();
  retained_reply reply;
  mqtt::message_fields fields;
  fields.topic_name = "a/b";
  fields.payload = "p";
  fields.quality = mqtt::qos::exactly_once;
  fields.retain = true;
  reply.messages.assign(300, mqtt::message::make(fields));
  reply.walk = 5;
  fixture.client.queue->on_retained(fixture.client.fetched[0].round, reply);
  CHECK(fixture.client.fetched.size() == 1);
  fixture.client.room = 1'000;
  fixture.client.queue->drain();
  REQUIRE(fixture.client.fetched.size() == 2);
  CHECK(fixture.client.fetched[1].walk == 5);
  REQUIRE(fixture.client.deliveries.size() == 300);
  CHECK(fixture.client.deliveries[0].quality == qos_1);
  CHECK(fixture.client.deliveries[0].retain);
}

} // namespace queue_subscriptions_test
