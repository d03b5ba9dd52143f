#include "actors/messaging/storage/expiry_walk.hpp"

#include "persistence/memory_store.hpp"
#include "persistence/messages/durable_queue.hpp"
#include "persistence/messages/message_store.hpp"

#include <doctest/doctest.h>

#include <string>

namespace storage_expiry_walk_test {

using namespace hetzel;
using namespace hetzel::messaging;
using namespace std::chrono_literals;
using persistence::deadline;
using persistence::errc;

namespace {

constexpr deadline start{1'000'000s};

struct walk_fixture {
  walk_fixture()
    : shard(persistence::message_store::open(records, {}).value()) {}

  persistence::durable_queue queue(const std::string& client_id) {
    const auto id = shard->allocate_queue();
    batch.create_queue(id, {"mp", client_id});
    return persistence::durable_queue{id};
  }

  persistence::entry_stub put(persistence::durable_queue& in,
                              std::chrono::seconds expires) {
    persistence::entry_record record;
    record.header = "h";
    record.body = "b";
    record.expires = start + expires;
    return in.append(batch, record);
  }

  void commit() {
    REQUIRE(shard->commit(batch, persistence::durability::written)
            == errc::none);
  }

  persistence::memory_store records;
  std::unique_ptr<persistence::message_store> shard;
  persistence::message_batch batch;
};

} // namespace

TEST_CASE("what has expired by now is found, by queue, each once a round") {
  walk_fixture here;
  auto one = here.queue("one");
  auto two = here.queue("two");
  const auto first = here.put(one, 1s);
  const auto second = here.put(two, 2s);
  const auto third = here.put(one, 3s);
  here.put(two, 100s);
  here.commit();
  expiry_walk walk{here.shard->read()};
  CHECK(walk.next(start, 10, here.batch).queues.empty());
  const auto seen = walk.next(start + 3s, 10, here.batch);
  CHECK(seen.at_end);
  REQUIRE(seen.queues.size() == 2);
  CHECK(seen.queues[0].key.client_id() == "one");
  CHECK(seen.queues[0].key.mountpoint() == "mp");
  CHECK(seen.queues[0].queue == one.id());
  CHECK(seen.queues[0].messages == std::vector{first, third});
  CHECK(seen.queues[1].messages == std::vector{second});
  CHECK(walk.next(start + 4s, 10, here.batch).queues.empty());
  CHECK(walk.next(start + 70s, 10, here.batch).queues.size() == 2);
  // A clock that was set back begins a round as well.
  CHECK(walk.next(start + 5s, 10, here.batch).queues.size() == 2);
}

TEST_CASE("a step looks at no more than it may") {
  walk_fixture here;
  auto one = here.queue("one");
  for (int i = 0; i < 5; ++i)
    here.put(one, 1s);
  here.commit();
  expiry_walk walk{here.shard->read()};
  std::size_t found = 0;
  for (int i = 0; i < 3; ++i) {
    const auto seen = walk.next(start + 1s, 2, here.batch);
    CHECK(seen.at_end == (i == 2));
    REQUIRE(seen.queues.size() == 1);
    found += seen.queues[0].messages.size();
  }
  CHECK(found == 5);
}

TEST_CASE("a deadline without its message is erased, one of a queue that was "
          "erased is left to the sweep") {
  walk_fixture here;
  auto one = here.queue("one");
  const auto gone = here.put(one, 1s);
  here.commit();
  const persistence::record_key entry{
    persistence::entry_key{one.id(), gone.at}};
  persistence::write_batch loss;
  loss.erase(entry);
  REQUIRE(here.records.write(loss, persistence::durability::written)
          == errc::none);
  expiry_walk walk{here.shard->read()};
  CHECK(walk.next(start + 1s, 10, here.batch).queues.empty());
  CHECK(here.batch.count() == 1);
  here.commit();
  auto two = here.queue("two");
  here.put(two, 1s);
  here.commit();
  here.batch.erase_queue(two.id(), {"mp", "two"}, persistence::no_deadline);
  here.commit();
  CHECK(walk.next(start + 100s, 10, here.batch).queues.empty());
  CHECK(here.batch.empty());
}

} // namespace storage_expiry_walk_test
