#include "persistence/messages/message_batch.hpp"

#include "persistence/messages/message_reader.hpp"
#include "test/support/message_shard.hpp"

#include <doctest/doctest.h>

namespace message_batch_test {

using namespace hetzel::persistence;
using namespace hetzel::test;

using list = std::vector<std::string>;

TEST_CASE("a message that is erased before it was written never reaches the "
          "disk") {
  message_shard shard;
  auto queue = shard.create("c");
  const auto records = shard.disk.approximate_bytes("", "");
  const auto stub = shard.append(queue, "body", at_ms(7));
  queue.erase(shard.batch, stub);
  shard.commit();
  CHECK(shard.disk.approximate_bytes("", "") == records);
  CHECK(shard.store->statistics().totals.entries == 0);
}

TEST_CASE("what one batch puts and an appended one erases does not reach the "
          "disk") {
  message_shard shard;
  auto queue = shard.create("c");
  message_batch later;
  std::vector<entry_stub> stubs;
  for (const auto* body : {"a", "b", "c"})
    stubs.push_back(shard.append(queue, body));
  queue.erase(later, stubs[0]);
  queue.erase(later, stubs[2]);
  shard.batch.append(later);
  shard.commit();
  CHECK(bodies_of(shard.store->read(), queue.id()) == list{"b"});
  CHECK(shard.find(queue.id()).ledger() == queue.ledger());
}

TEST_CASE("a session or ledger that is put twice is written once, with the "
          "later value") {
  message_shard shard;
  auto queue = shard.create("c");
  shard.batch.put_session(queue.id(), "first", at_ms(5));
  shard.commit();
  shard.batch.put_session(queue.id(), "second", at_ms(6), at_ms(5));
  const auto count = shard.batch.count();
  shard.batch.put_session(queue.id(), "third", at_ms(7), at_ms(6));
  CHECK(shard.batch.count() == count);
  shard.commit();
  CHECK(shard.store->read().session_of(queue.id()).value().value()
        == session_record{"third", at_ms(7)});
  // The deadline of the first is gone, that of the second was never there.
  CHECK(shard.records(record_kind::session_deadline) == 1);
}

TEST_CASE("a batch of what came and went leaves the queue's count as the disk "
          "has it") {
  message_shard shard;
  auto queue = shard.create("c");
  shard.append(queue, "stays");
  shard.commit();
  for (int round = 0; round < 3; ++round) {
    const auto stub = shard.append(queue, "goes");
    queue.erase(shard.batch, stub);
    shard.commit();
  }
  CHECK(shard.records(record_kind::ledger) == 0);
  const auto found = shard.find(queue.id());
  CHECK(found.count() == 1);
  CHECK(found.bytes() == queue.bytes());
  // The numbers of what was never written are free again.
  CHECK(found.ledger().next == sequence{2});
}

TEST_CASE("a batch tells how much is in it") {
  message_batch batch;
  CHECK(batch.empty());
  durable_queue queue(queue_id{1});
  const auto first = queue.append(batch, {"h", std::string(1000, 'b')});
  CHECK(batch.count() == 1);
  CHECK(batch.size_bytes() > 1000);
  CHECK(batch.size_bytes() < 1200);
  queue.append(batch, {"h", "small"});
  queue.erase(batch, first);
  CHECK(batch.size_bytes() < 300);
  batch.clear();
  CHECK(batch.empty());
  CHECK(batch.size_bytes() == 0);
}

TEST_CASE("a message given up after a failed commit is erased from where it "
          "may have been written") {
  for (const auto how : {memory_store::write_fault::dropped,
                         memory_store::write_fault::resurfaces}) {
    message_shard shard;
    auto queue = shard.create("c");
    const auto kept = shard.append(queue, "kept");
    const auto given_up = shard.append(queue, "given up", at_ms(7));
    shard.disk.fail_writes(errc::disk_full, 1, 0, how);
    CHECK(shard.store->commit(shard.batch, durability::written)
          == errc::disk_full);
    CHECK(shard.batch.is_owed());
    queue.erase(shard.batch, given_up);
    shard.append(queue, "later");
    shard.commit();
    CHECK_FALSE(shard.batch.is_owed());
    CHECK(bodies_of(shard.store->read(), queue.id())
          == list{"kept", "later"});
    CHECK(shard.records(record_kind::entry_deadline) == 0);
    CHECK(shard.store->statistics().totals.entries == 2);
    CHECK(shard.store->statistics().totals.bytes == queue.bytes());
    CHECK(shard.find(queue.id()).ledger() == queue.ledger());
    CHECK(kept.at == sequence{1});
  }
}

TEST_CASE("a session put again after a failed commit leaves no deadline of "
          "before") {
  for (const auto how : {memory_store::write_fault::dropped,
                         memory_store::write_fault::resurfaces}) {
    message_shard shard;
    auto queue = shard.create("c");
    shard.batch.put_session(queue.id(), "a", at_ms(5));
    shard.commit();
    shard.batch.put_session(queue.id(), "b", at_ms(6), at_ms(5));
    shard.disk.fail_writes(errc::io_error, 1, 0, how);
    CHECK(shard.store->commit(shard.batch, durability::written)
          == errc::io_error);
    shard.batch.put_session(queue.id(), "c", at_ms(7), at_ms(6));
    shard.batch.put_session(queue.id(), "d", at_ms(8), at_ms(7));
    shard.commit();
    CHECK(shard.store->read().session_of(queue.id()).value().value()
          == session_record{"d", at_ms(8)});
    CHECK(shard.records(record_kind::session_deadline) == 1);
  }
}

TEST_CASE("a failed commit that is given up whole leaves the totals as they "
          "were") {
  message_shard shard;
  auto queue = shard.create("c");
  const auto stub = shard.append(queue, "given up");
  shard.disk.fail_writes(errc::io_error, 1, 0,
                         memory_store::write_fault::resurfaces);
  CHECK(shard.store->commit(shard.batch, durability::written)
        == errc::io_error);
  queue.erase(shard.batch, stub);
  shard.commit();
  shard.open();
  CHECK(shard.store->statistics().totals.entries == 0);
  CHECK(shard.store->statistics().totals.bytes == 0);
  CHECK(bodies_of(shard.store->read(), queue.id()).empty());
}

} // namespace message_batch_test
