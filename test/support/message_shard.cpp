#include "test/support/message_shard.hpp"

#include <doctest/doctest.h>

namespace hetzel::test {

using namespace hetzel::persistence;

deadline at_ms(std::int64_t count) {
  return deadline(std::chrono::milliseconds(count));
}

message_shard::message_shard(message_layout where) : place(where) {
  open();
}

void message_shard::open() {
  batch = {};
  auto opened = message_store::open(disk, place);
  REQUIRE(opened.has_value());
  store = *std::move(opened);
}

void message_shard::commit(durability level) {
  REQUIRE(store->commit(batch, level) == errc::none);
}

durable_queue message_shard::create(const std::string& client) {
  const durable_queue queue(store->allocate_queue());
  batch.create_queue(queue.id(), {"", client});
  commit();
  return queue;
}

durable_queue message_shard::find(queue_id queue) {
  const auto ledger = store->read().ledger_of(queue);
  REQUIRE(ledger.has_value());
  return durable_queue(queue, *ledger);
}

entry_stub message_shard::append(durable_queue& queue, const std::string& body,
                                 deadline expires) {
  return queue.append(batch, {"h", body, {}, expires});
}

void message_shard::sweep(std::size_t budget) {
  int steps = 0;
  for (bool idle = false; !idle;) {
    REQUIRE(++steps < 100'000);
    const auto report = store->sweep(budget, batch);
    REQUIRE(report.status == errc::none);
    CHECK(report.examined <= budget);
    idle = report.idle;
    commit();
  }
}

std::size_t message_shard::records(record_kind kind) const {
  const std::string prefix(record_key(kind).view());
  std::size_t count = 0;
  for (auto at = disk.scan(prefix, behind_prefix(prefix)); at->valid();
       at->next())
    ++count;
  return count;
}

void window_log::on_entry(const entry_stub& stub, const entry_record& what) {
  bodies.emplace_back(what.body);
  headers.emplace_back(what.header);
  stubs.push_back(stub);
}

std::vector<std::string> bodies_of(const message_reader& from,
                                   queue_id queue) {
  window_log log;
  window_request request;
  request.count_max = 1'000'000;
  const auto seen = from.read_window(queue, request, log);
  REQUIRE(seen.status == errc::none);
  CHECK(seen.at_end);
  return log.bodies;
}

} // namespace hetzel::test
