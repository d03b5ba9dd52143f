#include "persistence/messages/message_store.hpp"

#include "persistence/messages/record_key.hpp"
#include "test/support/message_shard.hpp"
#include "test/support/store_files.hpp"
#include "test/support/temporary_directory.hpp"

#include <doctest/doctest.h>

namespace message_store_test {

using namespace hetzel::persistence;
using namespace hetzel::test;

using list = std::vector<std::string>;

namespace {

errc opening(key_value_store& store, const message_layout& place) {
  const auto opened = message_store::open(store, place);
  return opened ? errc::none : opened.error();
}

void put_layout(key_value_store& store, const std::string& value) {
  put(store, std::string(record_key(record_kind::layout).view()), value);
}

} // namespace

TEST_CASE("a shard is made in an empty store and found there again") {
  memory_store disk;
  CHECK(opening(disk, {4, 2}) == errc::none);
  CHECK(opening(disk, {4, 2}) == errc::none);
}

TEST_CASE("a shard that was made survives a power loss") {
  memory_store disk;
  CHECK(opening(disk, {4, 2}) == errc::none);
  disk.lose_power();
  CHECK(opening(disk, {4, 1}) == errc::wrong_shard);
}

TEST_CASE("another shard, and another number of shards, are refused") {
  memory_store disk;
  CHECK(opening(disk, {4, 2}) == errc::none);
  CHECK(opening(disk, {4, 1}) == errc::wrong_shard);
  CHECK(opening(disk, {8, 2}) == errc::wrong_shard);
}

TEST_CASE("a later layout, a damaged one and somebody else's records are "
          "refused") {
  {
    memory_store disk;
    put_layout(disk, std::string("\x02\0\0\0\x01\0\0\0\x07", 9));
    CHECK(opening(disk, {}) == errc::newer_layout);
  }
  {
    memory_store disk;
    put_layout(disk, "nonsense");
    CHECK(opening(disk, {}) == errc::newer_layout);
    put_layout(disk, std::string("\x01\0\0\0\x01", 5));
    CHECK(opening(disk, {}) == errc::corrupt);
  }
  {
    memory_store disk;
    CHECK(opening(disk, {}) == errc::none);
    REQUIRE(disk.damage(record_key(record_kind::layout)));
    CHECK(opening(disk, {}) == errc::corrupt);
  }
  {
    memory_store disk;
    put(disk, "key", "value");
    CHECK(opening(disk, {}) == errc::not_a_store);
  }
}

TEST_CASE("damaged totals, damaged numbers and a failing disk are said at the "
          "start") {
  for (const auto kind : {record_kind::totals, record_kind::given_out}) {
    message_shard shard;
    shard.create("c");
    REQUIRE(shard.disk.damage(record_key(kind)));
    CHECK(opening(shard.disk, {}) == errc::corrupt);
  }
  message_shard shard;
  shard.disk.fail_reads(errc::io_error);
  CHECK(opening(shard.disk, {}) == errc::io_error);
  shard.disk.fail_writes(errc::disk_full);
  CHECK(opening(shard.disk, {}) == errc::disk_full);
  CHECK(opening(shard.disk, {}) == errc::none);
}

TEST_CASE("no number of a queue or body comes back, whatever was written of "
          "it") {
  message_shard shard;
  const auto first = shard.store->first_id();
  const auto queue = shard.store->allocate_queue();
  // Nothing of it is written.
  shard.open();
  CHECK(shard.store->first_id() > first);
  CHECK(number(shard.store->allocate_queue()) > number(queue));
  shard.disk.lose_power();
  const auto before = shard.store->first_id();
  shard.open();
  CHECK(shard.store->first_id() > before);
}

TEST_CASE("a run that uses up its numbers sets more aside, beyond the reach "
          "of a power loss") {
  message_shard shard;
  const auto last = shard.store->first_id() + numbers_set_aside - 1;
  shard.batch.put_body(make_body_id(0, last), "body", 1);
  shard.commit(durability::written);
  shard.disk.lose_power();
  shard.open();
  CHECK(shard.store->first_id() > last);
}

TEST_CASE("a committed queue with its session and messages is there after a "
          "restart") {
  message_shard shard;
  auto queue = shard.create("client");
  shard.batch.put_session(queue.id(), "image", at_ms(99));
  shard.append(queue, "a");
  shard.append(queue, "b", at_ms(5));
  shard.commit();
  shard.open();
  const auto& read = shard.store->read();
  CHECK(read.find_queue({"", "client"}).value() == queue.id());
  CHECK(read.name_of(queue.id()).value() == queue_name{"", "client"});
  CHECK(read.session_of(queue.id()).value().value()
        == session_record{"image", at_ms(99)});
  CHECK(bodies_of(read, queue.id()) == list{"a", "b"});
  CHECK(shard.find(queue.id()).ledger() == queue.ledger());
  const auto totals = shard.store->statistics().totals;
  CHECK(totals == message_totals{1, 2, 4, 0, 0});
}

TEST_CASE("an erased queue is gone at once, and its messages after a sweep") {
  message_shard shard;
  auto queue = shard.create("client");
  auto other = shard.create("other");
  shard.batch.put_session(queue.id(), "image", at_ms(99));
  for (int at = 0; at < 10; ++at)
    shard.append(queue, "m", at_ms(at));
  shard.append(other, "stays");
  shard.commit();
  shard.batch.erase_queue(queue.id(), {"", "client"}, at_ms(99));
  shard.commit();
  const auto& read = shard.store->read();
  CHECK_FALSE(read.find_queue({"", "client"}).value().has_value());
  CHECK_FALSE(read.session_of(queue.id()).value().has_value());
  CHECK_FALSE(read.name_of(queue.id()).value().has_value());
  CHECK(shard.records(record_kind::session_deadline) == 0);
  shard.open();
  shard.sweep();
  CHECK(shard.records(record_kind::entry) == 1);
  CHECK(shard.records(record_kind::entry_deadline) == 0);
  CHECK(shard.records(record_kind::garbage) == 0);
  CHECK(shard.store->statistics().swept_entries == 10);
  CHECK(shard.store->statistics().totals == message_totals{1, 1, 6, 0, 0});
  CHECK(bodies_of(shard.store->read(), other.id()) == list{"stays"});
}

TEST_CASE("a queue of the same name gets a new number and none of the old "
          "messages") {
  message_shard shard;
  auto queue = shard.create("client");
  shard.append(queue, "old");
  shard.batch.erase_queue(queue.id(), {"", "client"}, no_deadline);
  const durable_queue again(shard.store->allocate_queue());
  shard.batch.create_queue(again.id(), {"", "client"});
  shard.commit();
  CHECK(shard.store->read().find_queue({"", "client"}).value() == again.id());
  CHECK(bodies_of(shard.store->read(), again.id()).empty());
  shard.sweep();
  CHECK(shard.records(record_kind::entry) == 0);
  CHECK(shard.store->statistics().totals.queues == 1);
}

TEST_CASE("a cleared queue takes new messages and shows none of the old ones") {
  message_shard shard;
  auto queue = shard.create("client");
  for (int at = 0; at < 5; ++at)
    shard.append(queue, "old");
  shard.commit();
  queue.clear(shard.batch);
  shard.append(queue, "new");
  shard.commit();
  shard.open();
  auto found = shard.find(queue.id());
  CHECK(found.ledger() == queue.ledger());
  CHECK(found.count() == 1);
  window_log log;
  window_request request;
  request.from = found.ledger().floor;
  CHECK(shard.store->read_window(queue.id(), request, log).at_end);
  CHECK(log.bodies == list{"new"});
  shard.sweep(1);
  CHECK(bodies_of(shard.store->read(), queue.id()) == list{"new"});
}

TEST_CASE("after a failed commit the disk has all of it or nothing, and the "
          "next one makes it whole") {
  for (const auto how : {memory_store::write_fault::dropped,
                         memory_store::write_fault::resurfaces}) {
    message_shard shard;
    auto queue = shard.create("client");
    shard.append(queue, "a");
    shard.disk.fail_writes(errc::disk_full, 2, 0, how);
    CHECK(shard.store->commit(shard.batch, durability::written)
          == errc::disk_full);
    CHECK(bodies_of(shard.store->read(), queue.id()).empty());
    shard.append(queue, "b");
    CHECK(shard.store->commit(shard.batch, durability::written)
          == errc::disk_full);
    shard.commit();
    CHECK(bodies_of(shard.store->read(), queue.id()) == list{"a", "b"});
    CHECK(shard.store->statistics().totals.entries == 2);
    CHECK(shard.store->statistics().failed_commits == 2);
    shard.open();
    CHECK(shard.store->statistics().totals.entries == 2);
  }
}

TEST_CASE("an empty batch that is to be synced makes durable what was "
          "written") {
  message_shard shard;
  auto queue = shard.create("client");
  shard.append(queue, "a");
  shard.commit(durability::written);
  CHECK(shard.disk.unsynced() > 0);
  shard.disk.fail_writes(errc::disk_full);
  CHECK(shard.store->commit(shard.batch, durability::synced)
        == errc::disk_full);
  CHECK_FALSE(shard.batch.is_owed());
  CHECK(shard.disk.unsynced() > 0);
  shard.commit(durability::synced);
  CHECK(shard.disk.unsynced() == 0);
}

TEST_CASE("a shard on disk opens without reading its messages") {
  const temporary_directory place;
  auto disk = open_store(place.path("shard"));
  auto store = message_store::open(*disk, {});
  REQUIRE(store.has_value());
  message_batch batch;
  durable_queue queue((*store)->allocate_queue());
  batch.create_queue(queue.id(), {"", "client"});
  for (int at = 0; at < 5000; ++at)
    queue.append(batch, {"h", "body"});
  REQUIRE((*store)->commit(batch, durability::written) == errc::none);
  store->reset();
  disk.reset();
  disk = open_store(place.path("shard"));
  store = message_store::open(*disk, {});
  REQUIRE(store.has_value());
  CHECK(disk->statistics().gets <= 4);
  CHECK(disk->statistics().scans <= 1);
  CHECK((*store)->statistics().totals.entries == 5000);
  CHECK((*store)->read().ledger_of(queue.id()).value() == queue.ledger());
  window_log log;
  CHECK((*store)->read_window(queue.id(), {}, log).count == 100);
}

TEST_CASE("a copy made while the shard is in use opens and holds what was "
          "committed") {
  const temporary_directory place;
  message_shard shard;
  auto queue = shard.create("client");
  shard.append(queue, "a");
  shard.commit();
  const auto report = shard.store->copy_to(place.path("copy"));
  REQUIRE(report.has_value());
  CHECK(report->records > 3);
  shard.append(queue, "later");
  shard.commit();
  const auto disk = open_store(place.path("copy"));
  CHECK(opening(*disk, {2, 1}) == errc::wrong_shard);
  auto copy = message_store::open(*disk, {});
  REQUIRE(copy.has_value());
  CHECK(bodies_of((*copy)->read(), queue.id()) == list{"a"});
  CHECK((*copy)->statistics().totals.entries == 1);
}

} // namespace message_store_test
