#include "actors/messaging/stored_records.hpp"

#include <doctest/doctest.h>

#include <string>
#include <utility>

namespace stored_records_test {

using namespace hetzel;
using namespace hetzel::messaging;
using namespace std::chrono_literals;
using cluster::record_kind;
using cluster::unix_time;

namespace {

/// A life of the process: its own clock is at `steady` when it is `wall`.
constexpr both_clocks life(std::chrono::seconds steady,
                           std::chrono::seconds wall) {
  return {mqtt::time_point{steady}, unix_time{wall}};
}

constexpr auto first_life = life(50s, 1'000'000s);

mqtt::message_fields fields() {
  mqtt::message_fields made;
  made.mountpoint = "mp";
  made.topic_name = "a/b";
  made.payload = "payload";
  made.properties = "\3\0\1x";
  made.quality = mqtt::qos::exactly_once;
  made.retain = true;
  return made;
}

mqtt::message_ptr read_back(const cluster::metadata_change& change,
                            const both_clocks& now) {
  return retained_message(*cluster::decode_metadata_key(change.key),
                          change.value, now);
}

} // namespace

TEST_CASE("a retained message comes back as it was") {
  const auto message = mqtt::message::make(fields());
  const auto back = read_back(store_retained(*message, first_life),
                              life(3s, 2'000'000s));
  REQUIRE(back);
  CHECK(back->mountpoint() == "mp");
  CHECK(back->topic_name() == "a/b");
  CHECK(back->payload() == "payload");
  CHECK(back->properties().bytes() == message->properties().bytes());
  CHECK(back->quality() == mqtt::qos::exactly_once);
  CHECK(back->retain());
  CHECK(!back->expires_at());
}

TEST_CASE("a Message Expiry Interval goes on by the wall clock while there is "
          "no process [MQTT-3.3.2-6]") {
  auto with_expiry = fields();
  with_expiry.expires_at = first_life.steady + 60s;
  const auto change
    = store_retained(*mqtt::message::make(with_expiry), first_life);
  // 40 seconds later, in a process whose clock begins anew.
  const auto next_life = life(7s, 1'000'040s);
  const auto back = read_back(change, next_life);
  CHECK(*back->expires_at() == next_life.steady + 20s);
  CHECK(!back->is_expired(next_life.steady + 19s));
  CHECK(back->is_expired(next_life.steady + 20s));
  // Past its end, and of a process that is younger than that.
  CHECK(read_back(change, life(1s, 1'000'090s))->is_expired(
    mqtt::time_point{1s}));
}

TEST_CASE("an expiry that is past when it is stored does not become endless") {
  auto with_expiry = fields();
  with_expiry.expires_at = first_life.steady - 10s;
  const auto back = read_back(
    store_retained(*mqtt::message::make(with_expiry), first_life), first_life);
  CHECK(back->is_expired(first_life.steady));
}

TEST_CASE("a message without payload is a delete, and back again "
          "[MQTT-3.3.1-6]") {
  auto empty = fields();
  empty.payload = {};
  const auto change = store_retained(*mqtt::message::make(empty), first_life);
  CHECK(!change.value);
  const auto back = read_back(change, first_life);
  CHECK(back->topic_name() == "a/b");
  CHECK(back->payload().empty());
}

TEST_CASE("a value that is no retained message is none") {
  const cluster::metadata_key key{record_kind::retained, "", "t", {}};
  CHECK(!retained_message(key, "nonsense", first_life));
  CHECK(!retained_message(key, "", first_life));
}

TEST_CASE("a Session is deleted with all its subscriptions") {
  subscription_list list;
  list.set({"a", {}, 0});
  list.set({"$share/g/b", {}, 0});
  const subscriber_key key{"mp", "c"};
  const auto write = delete_session(key, list);
  REQUIRE(write->changes.size() == 3);
  std::vector<cluster::metadata_key> keys;
  for (const auto& change : write->changes) {
    CHECK(!change.value);
    keys.push_back(*cluster::decode_metadata_key(change.key));
    CHECK(keys.back().mountpoint == "mp");
    CHECK(keys.back().subject == "c");
  }
  CHECK(keys.back() == session_key(key));
  CHECK(std::pair{keys[0].topic_filter, keys[1].topic_filter}
        == std::pair<std::string_view, std::string_view>{"$share/g/b", "a"});
}

TEST_CASE("subscriptions are stored with options, identifier and epoch, or "
          "deleted") {
  subscription_changes changes{"", {}};
  changes.changes.push_back({subscription_change::kind::insert, "a",
                             {{}, {mqtt::qos::at_least_once, true}, 7}});
  changes.changes.push_back({subscription_change::kind::erase, "b", {}});
  const auto write = store_subscriptions({"", "c"}, changes, 5);
  REQUIRE(write->changes.size() == 2);
  const auto record
    = cluster::decode_subscription_record(*write->changes[0].value);
  CHECK(record->options.quality == mqtt::qos::at_least_once);
  CHECK(record->options.no_local);
  CHECK(record->subscription_id == 7);
  CHECK(record->epoch == 5);
  CHECK(!write->changes[1].value);
}

TEST_CASE("two writes are joined to one in which the later has its way") {
  const cluster::metadata_write earlier{{{"a", "1"}, {"b", "1"}, {"c", {}}}};
  const cluster::metadata_write later{{{"c", "2"}, {"b", {}}}};
  const auto both = joined(earlier, later);
  REQUIRE(both->changes.size() == 3);
  CHECK(both->changes[0].key == "a");
  CHECK(both->changes[1].value == "2");
  CHECK(both->changes[2].key == "b");
  CHECK(!both->changes[2].value);
}

} // namespace stored_records_test
