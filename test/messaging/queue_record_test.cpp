/// What a queue has written of its Session to the metadata, and when others
/// wait for that. The actor, which writes, is played here.

#include "actors/messaging/queue.hpp"

#include "actors/messaging/stored_records.hpp"
#include "cluster/metadata/metadata.hpp"
#include "test/support/messaging_subscriber.hpp"

#include <doctest/doctest.h>

namespace queue_record_test {

using namespace hetzel;
using namespace hetzel::messaging;
using namespace std::chrono_literals;
using cluster::record_kind;
using hetzel::test::messaging_site;
using hetzel::test::messaging_subscriber;
using hetzel::test::metadata_disk;
using mqtt::reason_code;

namespace {

constexpr auto qos_1 = mqtt::qos::at_least_once;
constexpr auto qos_2 = mqtt::qos::exactly_once;

struct record_fixture : messaging_site {
  record_fixture() : metadata(disk->open(), disk->identify(), nullptr) {
    exchange.metadata = &metadata;
    client.emplace(*this, "c");
  }
  ~record_fixture() { client.reset(); }

  /// The session record of the last write, which must be one.
  [[nodiscard]] cluster::session_record last() const {
    const auto& change = client->records.back()->changes.back();
    CHECK(cluster::decode_metadata_key(change.key)->kind
          == record_kind::session);
    return *cluster::decode_session_record(*change.value);
  }

  [[nodiscard]] std::size_t writes() const { return client->records.size(); }

  void subscribe(std::string_view filter, mqtt::qos quality) {
    const std::vector<reason_code> codes(1);
    client->queue->subscribe({1, 0, {}, {{filter, {quality}}}}, codes);
  }

  void apply(std::vector<std::string> failed = {}) {
    client->queue->on_applied(client->tickets.back(), failed);
  }

  [[nodiscard]] restored_session stored(
    std::optional<std::chrono::seconds> expiry,
    std::optional<std::chrono::seconds> gone_since) {
    const auto now = at_wall_clock(local().home.now()).wall;
    restored_session from{{"", "c"}, {4, expiry, std::nullopt}, {}};
    if (gone_since)
      from.record.disconnected_at = now - *gone_since;
    from.subscriptions.push_back({"a", {qos_1}, 7});
    return from;
  }

  std::shared_ptr<metadata_disk> disk = metadata_disk::make();
  cluster::metadata metadata;
  std::optional<messaging_subscriber> client;
};

} // namespace

TEST_CASE("a Session that ends with its connection is not recorded") {
  record_fixture fixture;
  fixture.client->connect(0s);
  fixture.client->drop();
  CHECK(fixture.writes() == 0);
  CHECK(fixture.client->is_stopped);
}

TEST_CASE("CONNACK waits for the record of a Session that lasts, and is told "
          "once") {
  record_fixture fixture;
  fixture.client->connect(60s);
  REQUIRE(fixture.writes() == 1);
  CHECK(fixture.last().epoch == 1);
  CHECK(fixture.last().expiry == 60s);
  CHECK(!fixture.last().disconnected_at);
  CHECK(fixture.client->queue->is_recording());
  CHECK(fixture.client->recorded == 0);
  fixture.client->queue->on_recorded();
  fixture.client->queue->on_recorded();
  CHECK(fixture.client->recorded == 1);
  CHECK(!fixture.client->queue->is_recording());
}

TEST_CASE("each CONNECT that goes on with a Session raises its epoch, and the "
          "close says when") {
  record_fixture fixture;
  fixture.client->connect(60s);
  fixture.client->drop();
  REQUIRE(fixture.writes() == 2);
  CHECK(fixture.last().epoch == 1);
  CHECK(*fixture.last().disconnected_at
          - at_wall_clock(fixture.local().home.now()).wall
        < 1s);
  fixture.client->connect(30s);
  CHECK(fixture.last().epoch == 2);
  CHECK(fixture.last().expiry == 30s);
  CHECK(!fixture.last().disconnected_at);
}

TEST_CASE("a client that is gone before its record is stored gets no answer, "
          "its successor waits for its own") {
  record_fixture fixture;
  fixture.client->connect(60s);
  fixture.client->drop();
  fixture.client->queue->on_recorded();
  CHECK(fixture.client->recorded == 0);
  fixture.client->connect(60s);
  CHECK(fixture.client->queue->is_recording());
  fixture.client->queue->on_recorded();
  CHECK(fixture.client->recorded == 1);
}

TEST_CASE("a Session that lasted and now ends with its connection is recorded "
          "as such, and deleted at the close [MQTT-3.1.2-23]") {
  record_fixture fixture;
  fixture.client->connect(60s);
  fixture.subscribe("a", qos_1);
  fixture.client->connect(0s);
  CHECK(fixture.last().expiry == 0s);
  fixture.client->drop();
  const auto& changes = fixture.client->records.back()->changes;
  REQUIRE(changes.size() == 2);
  for (const auto& change : changes)
    CHECK(!change.value);
  CHECK(fixture.client->is_stopped);
}

TEST_CASE("DISCONNECT that ends the Session deletes it") {
  record_fixture fixture;
  fixture.client->connect(60s);
  fixture.client->end_with({reason_code::success, true, 0s});
  CHECK(!fixture.client->records.back()->changes.back().value);
}

TEST_CASE("a Session that was killed and not ended stays in the metadata") {
  record_fixture fixture;
  fixture.client->connect(60s);
  const auto before = fixture.writes();
  const auto again = fixture.client->queue->to_restore();
  REQUIRE(again);
  CHECK(again->record.epoch == 1);
  CHECK(again->record.expiry == 60s);
  CHECK(again->record.disconnected_at);
  auto records = fixture.client->records;
  fixture.client->queue.reset();
  CHECK(fixture.client->records.size() == before);
}

TEST_CASE("a Session that ended is not taken up again") {
  record_fixture fixture;
  fixture.client->connect(60s);
  fixture.client->queue->retire(reason_code::success);
  CHECK(!fixture.client->queue->to_restore());
}

TEST_CASE("a Session after a clean start is told of when the former one is "
          "gone, even if it is not recorded itself [MQTT-3.1.2-4]") {
  record_fixture fixture;
  fixture.client->queue->follow_recorded();
  fixture.client->connect(0s);
  CHECK(fixture.client->queue->is_recording());
  REQUIRE(fixture.writes() == 1);
  CHECK(!fixture.client->records[0]->changes.back().value);
}

// -- the next life of the node -----------------------------------------------

TEST_CASE("a restored Session is there for its client, with subscriptions and "
          "the next epoch [MQTT-3.1.2-5]") {
  record_fixture fixture;
  fixture.client->queue->restore(fixture.stored(60s, 10s));
  CHECK(fixture.writes() == 0);
  REQUIRE(fixture.client->indexed.size() == 1);
  CHECK(fixture.client->indexed[0].changes[0].topic_filter == "a");
  CHECK(fixture.client->indexed[0].changes[0].subscriber.subscription_id == 7);
  fixture.client->offer("away");
  CHECK(fixture.client->connect(60s));
  CHECK(fixture.last().epoch == 5);
  CHECK(fixture.client->received() == "away");
}

TEST_CASE("a restored Session has what was left of its expiry "
          "[MQTT-3.1.2-23]") {
  record_fixture fixture;
  fixture.client->queue->restore(fixture.stored(60s, 50s));
  auto& queue = *fixture.client->queue;
  const auto now = fixture.local().home.now();
  queue.on_timeout(now + 8s);
  CHECK(!queue.is_retired());
  queue.on_timeout(now + 11s);
  CHECK(queue.is_retired());
  CHECK(!fixture.client->records.back()->changes.back().value);
}

TEST_CASE("a Session whose connection was open when the process died counts "
          "from the start, once for all starts") {
  record_fixture fixture;
  fixture.client->queue->restore(fixture.stored(60s, std::nullopt));
  REQUIRE(fixture.writes() == 1);
  CHECK(fixture.last().disconnected_at);
  CHECK(fixture.last().epoch == 4);
  auto& queue = *fixture.client->queue;
  const auto now = fixture.local().home.now();
  queue.on_timeout(now + 58s);
  CHECK(!queue.is_retired());
  queue.on_timeout(now + 61s);
  CHECK(queue.is_retired());
}

TEST_CASE("a Session that never expires does not when it is restored") {
  record_fixture fixture;
  fixture.client->queue->restore(fixture.stored(std::nullopt, 1'000'000s));
  fixture.client->queue->on_timeout(fixture.local().home.now() + 1'000'000s);
  CHECK(!fixture.client->queue->is_retired());
}

// -- subscriptions that cannot be stored -------------------------------------

TEST_CASE("an UNSUBSCRIBE that cannot be stored leaves the subscription, and "
          "ends the connection") {
  record_fixture fixture;
  fixture.client->connect(60s);
  fixture.subscribe("a", qos_2);
  fixture.apply();
  fixture.client->queue->unsubscribe({2, {}, {"a"}});
  fixture.apply({"a"});
  const auto* const entry = fixture.client->queue->subscriptions().find("a");
  REQUIRE(entry);
  CHECK(entry->options.quality == qos_2);
  CHECK(fixture.client->ended == reason_code::unspecified_error);
}

TEST_CASE("a SUBSCRIBE that cannot be stored leaves the subscription that it "
          "was to replace") {
  record_fixture fixture;
  fixture.client->connect(60s);
  fixture.subscribe("a", qos_1);
  fixture.apply();
  const std::vector<reason_code> codes(3);
  fixture.client->queue->subscribe(
    {3, 0, {}, {{"a", {qos_2}}, {"b", {qos_2}}, {"b", {}}}}, codes);
  fixture.apply({"a", "b"});
  CHECK(fixture.client->codes
        == std::vector(3, reason_code::unspecified_error));
  const auto& list = fixture.client->queue->subscriptions();
  REQUIRE(list.find("a"));
  CHECK(list.find("a")->options.quality == qos_1);
  CHECK(!list.find("b"));
  // The index has it still, and must be told when the Session ends.
  fixture.client->queue->retire(reason_code::success);
  CHECK(fixture.client->forgotten.at(0).changes.at(0).topic_filter == "a");
}

TEST_CASE("what cannot be stored is undone too when its client is gone") {
  record_fixture fixture;
  fixture.client->connect(60s);
  fixture.subscribe("a", qos_1);
  fixture.apply();
  fixture.client->queue->unsubscribe({2, {}, {"a"}});
  const auto answers = fixture.client->answers;
  fixture.client->drop();
  fixture.client->connect(60s);
  fixture.apply({"a"});
  CHECK(fixture.client->queue->subscriptions().find("a"));
  CHECK(fixture.client->answers == answers);
  CHECK(!fixture.client->ended);
}

} // namespace queue_record_test
