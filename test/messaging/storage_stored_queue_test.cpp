#include "actors/messaging/storage/stored_queue.hpp"

#include "actors/messaging/site.hpp"
#include "protocol/session/outbound_flow.hpp"
#include "test/support/storage_site.hpp"

#include <doctest/doctest.h>

#include <string>

namespace storage_stored_queue_test {

using namespace hetzel;
using namespace hetzel::messaging;
using hetzel::persistence::errc;
using hetzel::test::storage_site;

namespace {

struct queue_fixture : storage_site {
  explicit queue_fixture(std::size_t shards = 1)
    : storage_site(hetzel::test::open_config(), shards),
      id(local().queues.reserve(key)) {
    queue.emplace(local(), id, key, 1);
  }

  mqtt::delivery message(const std::string& payload,
                         mqtt::qos quality = mqtt::qos::at_least_once) {
    mqtt::message_fields fields;
    fields.topic_name = "t";
    fields.payload = payload;
    fields.quality = quality;
    mqtt::delivery item;
    item.message = mqtt::message::make(fields);
    item.quality = quality;
    return item;
  }

  mqtt::delivery append(const std::string& payload, bool is_online,
                        bool& is_kept) {
    auto item = message(payload);
    is_kept = queue->append(item, {}, is_online);
    return item;
  }

  std::vector<mqtt::delivery> load() {
    const auto query = queue->next_window();
    REQUIRE(query);
    commit_all();
    bool is_sound = false;
    auto loaded = queue->on_window(read(*query), is_sound);
    CHECK(is_sound);
    return loaded;
  }

  subscriber_key key{"", "c"};
  messaging::queue_id id;
  std::optional<stored_queue> queue;
};

} // namespace

TEST_CASE("numbers go up by one and tell the Packet Identifier") {
  queue_fixture here;
  bool is_kept = false;
  CHECK(here.append("a", true, is_kept).stored == 1);
  const auto second = here.append("b", true, is_kept);
  CHECK(second.stored == 2);
  CHECK(is_kept);
  CHECK(mqtt::outbound_flow::id_of(second.stored) == 2);
  CHECK(mqtt::outbound_flow::id_of(65'535) == 65'535);
  CHECK(mqtt::outbound_flow::id_of(65'536) == 1);
}

TEST_CASE("what exceeds the resident part is loaded later, and nothing "
          "overtakes it") {
  queue_fixture here;
  bool is_kept = true;
  std::size_t kept = 0;
  for (std::size_t i = 0; i < stored_queue::resident_max + 10; ++i) {
    here.append(std::to_string(i), true, is_kept);
    kept += is_kept;
  }
  CHECK(kept == stored_queue::resident_max);
  CHECK(here.queue->has_more());
  CHECK(here.queue->waiting() == stored_queue::resident_max + 10);
  const auto loaded = here.load();
  REQUIRE(loaded.size() == 10);
  CHECK(loaded.front().message->payload()
        == std::to_string(stored_queue::resident_max));
  CHECK(!here.queue->has_more());
}

TEST_CASE("what is stored while a window is read comes with the next one") {
  queue_fixture here;
  bool is_kept = true;
  here.append("a", false, is_kept);
  const auto query = here.queue->next_window();
  REQUIRE(query);
  CHECK(!here.queue->next_window()); // one at a time
  here.commit_all();
  const auto seen = here.read(*query);
  here.append("b", true, is_kept);
  CHECK(!is_kept);
  bool is_sound = false;
  CHECK(here.queue->on_window(seen, is_sound).size() == 1);
  CHECK(here.queue->has_more());
  const auto rest = here.load();
  REQUIRE(rest.size() == 1);
  CHECK(rest[0].message->payload() == "b");
}

TEST_CASE("a window that could not be read is asked for again, when it is "
          "time") {
  queue_fixture here;
  bool is_kept = true;
  here.append("a", false, is_kept);
  REQUIRE(here.queue->next_window());
  loaded_window failed;
  failed.status = errc::io_error;
  bool is_sound = true;
  CHECK(here.queue->on_window(failed, is_sound).empty());
  CHECK(!is_sound);
  CHECK(!here.queue->next_window());
  here.queue->ask_again();
  CHECK(here.load().size() == 1);
}

TEST_CASE("what is in flight is neither loaded a second time nor counted as "
          "waiting") {
  queue_fixture here;
  bool is_kept = true;
  const auto sent = here.append("a", true, is_kept);
  here.queue->note_sent(sent);
  here.append("b", false, is_kept);
  here.queue->evict(here.append("c", false, is_kept));
  CHECK(here.queue->waiting() == 2);
  const auto loaded = here.load();
  REQUIRE(loaded.size() == 2);
  CHECK(loaded[0].message->payload() == "b");
  here.queue->erase(sent);
  here.queue->erase(sent);
  CHECK(here.queue->waiting() == 2);
  here.commit_all();
  CHECK(here.totals().entries == 2);
}

namespace {

/// What the store has of the queue's messages, as expired.
expired_messages all_of(queue_fixture& here) {
  here.commit_all();
  expired_messages found{here.key, here.queue->origin().id, {},
                         here.journal().committed(0)};
  window_query query;
  query.queue = found.queue;
  for (const auto& one : here.read(query).messages)
    found.messages.push_back(one.stub);
  return found;
}

} // namespace

TEST_CASE("what expires on disk is erased, but what is in memory") {
  queue_fixture here;
  bool is_kept = true;
  const auto sent = here.append("a", true, is_kept);
  here.queue->note_sent(sent);
  here.append("b", true, is_kept);
  here.append("c", false, is_kept);
  here.append("d", false, is_kept);
  CHECK(here.queue->expire(all_of(here)) == 2);
  CHECK(here.queue->waiting() == 1);
  here.commit_all();
  CHECK(here.totals().entries == 2);
}

TEST_CASE("a message is never taken for expired twice, nor after it was erased "
          "in another way") {
  queue_fixture here;
  bool is_kept = true;
  const auto kept = here.append("kept", true, is_kept);
  for (const auto* const payload : {"a", "b", "c"})
    here.append(payload, false, is_kept);
  const auto found = all_of(here);
  CHECK(here.queue->expire(found) == 3);
  CHECK(!here.queue->expire(found));
  here.append("d", false, is_kept);
  const auto again = all_of(here);
  here.queue->erase(kept);
  CHECK(!here.queue->expire(again));
  here.commit_all();
  CHECK(here.totals().entries == 1);
  CHECK(here.queue->waiting() == 1);
  CHECK(here.queue->expire(all_of(here)) == 1);
  CHECK(here.queue->waiting() == 0);
}

TEST_CASE("what a window may bring does not expire meanwhile") {
  queue_fixture here;
  bool is_kept = true;
  here.append("a", false, is_kept);
  const auto found = all_of(here);
  REQUIRE(here.queue->next_window());
  CHECK(!here.queue->expire(found));
}

TEST_CASE("another queue of that name, of before, is not meant") {
  queue_fixture here;
  bool is_kept = true;
  here.append("a", false, is_kept);
  auto found = all_of(here);
  found.queue = here.disk->allocate_queue(0);
  CHECK(!here.queue->expire(found));
}

TEST_CASE("the next life finds messages, released identifiers and marks") {
  queue_fixture here;
  bool is_kept = true;
  auto first = here.message("a", mqtt::qos::exactly_once);
  CHECK(here.queue->append(first, {}, true));
  here.append("b", true, is_kept);
  here.queue->note_sent(first);
  here.queue->note_received(first, 1);
  const persistence::receive_mark own{here.queue->address(), 9,
                                      here.queue->address()};
  here.queue->keep_marks(9, {own});
  here.commit_all();
  const auto origin = here.queue->origin();
  CHECK(origin.ledger.count == 1);
  CHECK(origin.image.received == std::vector<mqtt::packet_id>{1});
  REQUIRE(origin.marks.size() == 1);
  here.queue.emplace(here.local(), here.id, here.key, origin);
  CHECK(here.queue->receivers_of(9)
        == std::vector<std::uint64_t>{here.queue->address()});
  const auto loaded = here.load();
  REQUIRE(loaded.size() == 1);
  CHECK(loaded[0].message->payload() == "b");
  CHECK(loaded[0].stored == 2);
}

TEST_CASE("PUBCOMP waits until the marks of all receivers are gone, in "
          "whichever shard") {
  queue_fixture here{2};
  const auto shard = here.queue->shard();
  const auto other = std::uint64_t{1 - shard} << 56 | 77U;
  const auto mine = here.queue->address();
  here.queue->keep_marks(9, {{mine, 9, mine}, {mine, 9, other}});
  store_ticket ticket;
  ticket.kind = store_ticket::what::release;
  ticket.id = 9;
  {
    receipt_source waits{here.local(), ticket};
    CHECK(here.queue->erase_marks(9, &waits));
    CHECK(!here.queue->erase_marks(9, &waits));
  }
  here.journal().flush();
  REQUIRE(here.left.size() == 2);
  const auto one = here.left.front();
  here.journal().on_committed(one.shard, one.number, errc::none);
  CHECK(here.local().settlements.empty());
  const auto two = here.left.back();
  here.journal().on_committed(two.shard, two.number, errc::none);
  CHECK(here.local().settlements.take(9).size() == 1);
}

} // namespace storage_stored_queue_test
