#include "persistence/messages/message_sweep.hpp"

#include "test/support/message_shard.hpp"

#include <doctest/doctest.h>

#include <array>

namespace message_sweep_test {

using namespace hetzel::persistence;
using namespace hetzel::test;

using list = std::vector<std::string>;

namespace {

entry_stub append_shared(message_batch& batch, durable_queue& queue,
                         const body_reference& body) {
  return queue.append(batch, {"h", {}, body, no_deadline});
}

/// Two shards of a node that tell each other what their entries refer to.
struct two_shards {
  void open() {
    for (auto& shard : shards)
      shard.open();
    connect();
  }

  void connect() {
    for (auto& shard : shards)
      shard.store->connect({&shards[0].disk, &shards[1].disk});
  }

  /// Commits in both, then what each has to tell the other.
  void commit() {
    for (auto& shard : shards)
      shard.commit();
    for (auto& shard : shards)
      for (const auto& change : shard.store->take_changes())
        shards[shard_of(change.body)].batch.change_references(change);
    for (auto& shard : shards)
      shard.commit();
  }

  void sweep() {
    for (int round = 0; round < 100; ++round) {
      bool marked = true;
      bool idle = true;
      for (auto& shard : shards) {
        const auto report = shard.store->sweep(2, shard.batch);
        REQUIRE(report.status == errc::none);
        marked &= report.marked;
        idle &= report.idle;
      }
      commit();
      if (marked && !settled)
        for (auto& shard : shards)
          shard.store->settle();
      settled = settled || marked;
      if (idle && settled && round > 50)
        return;
    }
  }

  [[nodiscard]] std::size_t bodies() const {
    return shards[0].records(record_kind::body)
           + shards[1].records(record_kind::body);
  }

  std::array<message_shard, 2> shards{message_shard({2, 0}),
                                      message_shard({2, 1})};
  bool settled = false;
};

} // namespace

TEST_CASE("a body goes with the message that referred to it last") {
  message_shard shard;
  body_id_source ids(0, shard.store->first_id());
  auto first = shard.create("1");
  auto second = shard.create("2");
  const auto body = shard.batch.put_body(ids.next(), "body", 2);
  const auto a = append_shared(shard.batch, first, body);
  const auto b = append_shared(shard.batch, second, body);
  shard.commit();
  first.erase(shard.batch, a);
  shard.commit();
  CHECK(shard.records(record_kind::body) == 1);
  second.erase(shard.batch, b);
  shard.commit();
  CHECK(shard.records(record_kind::body) == 0);
  CHECK(shard.store->statistics().released_bodies == 1);
  CHECK(shard.store->statistics().totals.bodies == 0);
}

TEST_CASE("a body whose messages all went before it was written is not "
          "written") {
  message_shard shard;
  body_id_source ids(0, shard.store->first_id());
  auto first = shard.create("1");
  auto second = shard.create("2");
  const auto size = shard.disk.approximate_bytes("", "");
  const auto body = shard.batch.put_body(ids.next(), "body", 2);
  const auto a = append_shared(shard.batch, first, body);
  const auto b = append_shared(shard.batch, second, body);
  first.erase(shard.batch, a);
  second.erase(shard.batch, b);
  shard.commit();
  CHECK(shard.disk.approximate_bytes("", "") == size);
  CHECK(shard.store->statistics().counted_bodies == 0);
}

TEST_CASE("a body that may have been written is erased when its messages are "
          "given up") {
  message_shard shard;
  body_id_source ids(0, shard.store->first_id());
  auto queue = shard.create("1");
  const auto body = shard.batch.put_body(ids.next(), "body", 1);
  const auto stub = append_shared(shard.batch, queue, body);
  shard.disk.fail_writes(errc::disk_full, 1, 0,
                         memory_store::write_fault::resurfaces);
  CHECK(shard.store->commit(shard.batch, durability::written)
        == errc::disk_full);
  queue.erase(shard.batch, stub);
  shard.commit();
  CHECK(shard.records(record_kind::body) == 0);
  CHECK(shard.records(record_kind::entry) == 0);
}

TEST_CASE("after a restart a body goes with its last message, once its "
          "references were looked for") {
  message_shard shard;
  body_id_source ids(0, shard.store->first_id());
  auto first = shard.create("1");
  auto second = shard.create("2");
  const auto body = shard.batch.put_body(ids.next(), "body", 2);
  const auto a = append_shared(shard.batch, first, body);
  const auto b = append_shared(shard.batch, second, body);
  shard.commit();
  shard.open();
  shard.sweep();
  CHECK(shard.store->statistics().settled);
  CHECK(shard.records(record_kind::body) == 1);
  first.erase(shard.batch, a);
  shard.commit();
  CHECK(shard.records(record_kind::body) == 1);
  second.erase(shard.batch, b);
  shard.commit();
  CHECK(shard.records(record_kind::body) == 0);
}

TEST_CASE("a body whose messages go while they are looked for is swept") {
  // At every point of the search, before and after either message is met.
  for (std::size_t steps = 0; steps < 6; ++steps) {
    message_shard shard;
    body_id_source ids(0, shard.store->first_id());
    auto queue = shard.create("1");
    const auto body = shard.batch.put_body(ids.next(), "body", 2);
    const auto kept = shard.batch.put_body(ids.next(), "kept", 1);
    const auto a = append_shared(shard.batch, queue, body);
    append_shared(shard.batch, queue, kept);
    const auto b = append_shared(shard.batch, queue, body);
    shard.commit();
    shard.open();
    for (std::size_t step = 0; step < steps; ++step) {
      REQUIRE(shard.store->sweep(1, shard.batch).status == errc::none);
      shard.commit();
    }
    queue.erase(shard.batch, b);
    shard.commit();
    REQUIRE(shard.store->sweep(1, shard.batch).status == errc::none);
    shard.commit();
    queue.erase(shard.batch, a);
    shard.commit();
    shard.sweep();
    CHECK(shard.records(record_kind::body) == 1);
    CHECK(bodies_of(shard.store->read(), queue.id()) == list{"kept"});
    CHECK(shard.store->statistics().totals.bodies == 1);
  }
}

TEST_CASE("a body without a message is swept after a restart and counted") {
  message_shard shard;
  body_id_source ids(0, shard.store->first_id());
  auto queue = shard.create("1");
  const auto kept = shard.batch.put_body(ids.next(), "kept", 1);
  append_shared(shard.batch, queue, kept);
  for (int at = 0; at < 5; ++at)
    shard.batch.put_body(ids.next(), "of a crash", 3);
  shard.commit();
  shard.open();
  shard.sweep();
  CHECK(shard.records(record_kind::body) == 1);
  CHECK(shard.store->statistics().orphans == 5);
  CHECK(shard.store->statistics().totals.bodies == 1);
}

TEST_CASE("messages without a body leave the number of bodies right") {
  message_shard shard;
  body_id_source ids(0, shard.store->first_id());
  auto queue = shard.create("1");
  const auto kept = shard.batch.put_body(ids.next(), "kept", 1);
  append_shared(shard.batch, queue, kept);
  const auto stub = append_shared(shard.batch, queue,
                                  reference_to(ids.next(), "never written"));
  shard.commit();
  shard.open();
  shard.sweep();
  queue.erase(shard.batch, stub);
  shard.commit();
  CHECK(shard.store->statistics().totals.bodies == 1);
  CHECK(shard.records(record_kind::body) == 1);
}

TEST_CASE("nothing is searched where there is no body") {
  message_shard shard;
  auto queue = shard.create("1");
  for (int at = 0; at < 50; ++at)
    shard.append(queue, "inline");
  shard.commit();
  shard.open();
  const auto report = shard.store->sweep(10, shard.batch);
  CHECK(report.marked);
  CHECK(report.examined == 0);
}

TEST_CASE("a sweep that cannot read does no harm and goes on when it can") {
  message_shard shard;
  body_id_source ids(0, shard.store->first_id());
  auto queue = shard.create("1");
  auto cleared = shard.create("2");
  const auto body = shard.batch.put_body(ids.next(), "body", 1);
  append_shared(shard.batch, queue, body);
  shard.append(cleared, "garbage");
  shard.commit();
  cleared.clear(shard.batch);
  shard.commit();
  shard.open();
  for (std::size_t reads = 0; reads < 6; ++reads) {
    shard.disk.fail_reads(errc::io_error, 1, reads);
    static_cast<void>(shard.store->sweep(10, shard.batch));
    shard.commit();
  }
  shard.disk.fail_reads(errc::none, 0);
  shard.sweep();
  CHECK(bodies_of(shard.store->read(), queue.id()) == list{"body"});
  CHECK(shard.records(record_kind::entry) == 1);
}

TEST_CASE("a damaged message keeps all bodies of before") {
  message_shard shard;
  body_id_source ids(0, shard.store->first_id());
  auto queue = shard.create("1");
  const auto body = shard.batch.put_body(ids.next(), "body", 1);
  append_shared(shard.batch, queue, body);
  shard.commit();
  REQUIRE(shard.disk.damage(record_key(entry_key{queue.id(), sequence{1}})));
  shard.open();
  CHECK(shard.store->sweep(10, shard.batch).status == errc::corrupt);
  const auto report = shard.store->sweep(10, shard.batch);
  CHECK(report.idle);
  CHECK_FALSE(report.marked);
  CHECK(shard.records(record_kind::body) == 1);
}

TEST_CASE("garbage made while garbage is swept is swept as well") {
  message_shard shard;
  auto first = shard.create("1");
  auto second = shard.create("2");
  for (int at = 0; at < 5; ++at) {
    shard.append(first, "m");
    shard.append(second, "m");
  }
  second.clear(shard.batch);
  shard.commit();
  REQUIRE(shard.store->sweep(2, shard.batch).status == errc::none);
  // Before and behind where the sweep is, and where it was already.
  first.clear(shard.batch);
  shard.append(second, "m");
  second.clear(shard.batch);
  shard.commit();
  CHECK(shard.store->wants_sweep());
  shard.sweep(2);
  CHECK_FALSE(shard.store->wants_sweep());
  CHECK(shard.records(record_kind::entry) == 0);
  CHECK(shard.records(record_kind::garbage) == 0);
}

TEST_CASE("a queue cleared in the batch that finishes its sweep is swept "
          "again") {
  message_shard shard;
  auto queue = shard.create("1");
  shard.append(queue, "m");
  queue.clear(shard.batch);
  shard.commit();
  REQUIRE(shard.store->sweep(10, shard.batch).status == errc::none);
  shard.append(queue, "m");
  queue.clear(shard.batch);
  shard.commit();
  shard.sweep();
  CHECK(shard.records(record_kind::entry) == 0);
  CHECK(shard.records(record_kind::garbage) == 0);
}

TEST_CASE("a body goes with the last message of another shard") {
  two_shards node;
  node.connect();
  auto& [here, there] = node.shards;
  body_id_source ids(1, there.store->first_id());
  auto first = here.create("1");
  auto second = there.create("2");
  const auto body = there.batch.put_body(ids.next(), "body", 2);
  const auto a = append_shared(here.batch, first, body);
  const auto b = append_shared(there.batch, second, body);
  node.commit();
  second.erase(there.batch, b);
  node.commit();
  CHECK(node.bodies() == 1);
  first.erase(here.batch, a);
  node.commit();
  CHECK(node.bodies() == 0);
}

TEST_CASE("bodies of another shard are kept over a restart while a message "
          "refers to them") {
  two_shards node;
  auto& [here, there] = node.shards;
  body_id_source ids(1, there.store->first_id());
  auto queue = here.create("1");
  const auto body = there.batch.put_body(ids.next(), "body", 1);
  there.batch.put_body(ids.next(), "orphan", 1);
  const auto stub = append_shared(here.batch, queue, body);
  node.commit();
  node.open();
  node.sweep();
  CHECK(node.bodies() == 1);
  CHECK(bodies_of(here.store->read(), queue.id()) == list{"body"});
  queue.erase(here.batch, stub);
  node.commit();
  CHECK(node.bodies() == 0);
}

TEST_CASE("a shard sweeps no old body before the others have looked") {
  two_shards node;
  auto& [here, there] = node.shards;
  body_id_source ids(1, there.store->first_id());
  auto queue = here.create("1");
  const auto body = there.batch.put_body(ids.next(), "body", 1);
  append_shared(here.batch, queue, body);
  node.commit();
  node.open();
  const auto report = there.store->sweep(100, there.batch);
  CHECK(report.marked);
  there.commit();
  static_cast<void>(there.store->sweep(100, there.batch));
  there.commit();
  CHECK(node.bodies() == 1);
}

} // namespace message_sweep_test
