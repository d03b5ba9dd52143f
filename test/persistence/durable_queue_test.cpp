#include "persistence/messages/durable_queue.hpp"

#include "test/support/message_shard.hpp"

#include <doctest/doctest.h>

namespace durable_queue_test {

using namespace hetzel::persistence;
using namespace hetzel::test;

TEST_CASE("a queue numbers its messages in order and counts headers and "
          "bodies") {
  message_batch batch;
  durable_queue queue(queue_id{1});
  const auto first = queue.append(batch, {"head", "body"});
  const auto second = queue.append(
    batch, {"head", {}, {body_id{9}, 0, 100}, at_ms(7)});
  CHECK(first == entry_stub{sequence{1}, 8, body_id::none, no_deadline});
  CHECK(second == entry_stub{sequence{2}, 104, body_id{9}, at_ms(7)});
  CHECK(queue.count() == 2);
  CHECK(queue.bytes() == 112);
  queue.erase(batch, first);
  CHECK(queue.count() == 1);
  CHECK(queue.bytes() == 104);
  queue.clear(batch);
  CHECK(queue.count() == 0);
  CHECK(queue.bytes() == 0);
  CHECK(queue.append(batch, {"head", "body"}).at == sequence{3});
}

TEST_CASE("a queue found again goes on where it was, whatever was erased") {
  message_shard shard;
  auto queue = shard.create("c");
  std::vector<entry_stub> stubs;
  for (int at = 0; at < 6; ++at)
    stubs.push_back(shard.append(queue, std::string(at, 'x')));
  shard.commit();
  for (const auto erased : {5U, 0U, 3U}) {
    queue.erase(shard.batch, stubs[erased]);
    shard.commit();
    const auto found = shard.find(queue.id());
    CHECK(found.ledger() == queue.ledger());
  }
  shard.append(queue, "last");
  shard.commit();
  CHECK(shard.find(queue.id()).ledger() == queue.ledger());
}

TEST_CASE("an emptied queue found again is empty and gives out no number "
          "twice") {
  message_shard shard;
  auto queue = shard.create("c");
  const auto stub = shard.append(queue, "a");
  shard.commit();
  queue.erase(shard.batch, stub);
  shard.commit();
  auto found = shard.find(queue.id());
  CHECK(found.count() == 0);
  CHECK(shard.append(found, "b").at > stub.at);
}

TEST_CASE("a floor only rises, and not above the next message") {
  durable_queue queue(queue_id{1}, {sequence{3}, sequence{8}, 2, 9});
  queue.raise_floor(sequence{2});
  CHECK(queue.ledger().floor == sequence{3});
  queue.raise_floor(sequence{5});
  CHECK(queue.ledger().floor == sequence{5});
  queue.raise_floor(sequence{99});
  CHECK(queue.ledger().floor == sequence{8});
}

TEST_CASE("counts that a power loss made wrong do not wrap around") {
  message_batch batch;
  durable_queue queue(queue_id{1}, {sequence{1}, sequence{8}, 0, 3});
  queue.erase(batch, {sequence{2}, 10, body_id::none, no_deadline});
  CHECK(queue.count() == 0);
  CHECK(queue.bytes() == 0);
}

} // namespace durable_queue_test
