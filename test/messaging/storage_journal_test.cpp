#include "actors/messaging/storage/journal.hpp"

#include "actors/messaging/site.hpp"
#include "actors/messaging/storage/store_writer.hpp"
#include "persistence/messages/durable_queue.hpp"
#include "test/support/storage_site.hpp"

#include <doctest/doctest.h>

#include <limits>

namespace storage_journal_test {

using namespace hetzel;
using namespace hetzel::messaging;
using hetzel::persistence::errc;
using hetzel::test::storage_site;

namespace {

store_ticket ticket(std::uint32_t number) {
  store_ticket made;
  made.number = number;
  return made;
}

std::vector<settlement> settled(storage_site& here) {
  return here.local().settlements.take(std::numeric_limits<std::size_t>::max());
}

/// A queue in the store that a test puts messages into.
struct small_queue {
  explicit small_queue(storage_site& here)
    : disk(here.disk->allocate_queue(0)) {
    here.journal().batch(0).create_queue(disk.id(), {"", "c"});
  }

  persistence::entry_stub put(storage_site& here) {
    persistence::entry_record record;
    record.header = "h";
    record.body = "b";
    return disk.append(here.journal().batch(0), record);
  }

  persistence::durable_queue disk;
};

} // namespace

TEST_CASE("who holds a receipt is told when its batch is on disk, not before") {
  storage_site here;
  small_queue queue{here};
  queue.put(here);
  here.journal().hold(0, receipt_ptr{new receipt{here.local(), ticket(3)}});
  here.journal().flush();
  CHECK(settled(here).empty());
  here.commit_all();
  const auto told = settled(here);
  REQUIRE(told.size() == 1);
  CHECK(told[0].ticket.number == 3);
  CHECK(told[0].code == errc::none);
  CHECK(here.journal().committed(0) == 1);
}

TEST_CASE("a batch is synced if one of those who wait for it wants it, or the "
          "node; the next one is on its own") {
  storage_site here;
  small_queue queue{here};
  auto synced = ticket(2);
  synced.is_synced = true;
  const auto next_level = [&](std::optional<store_ticket> waits) {
    queue.put(here);
    here.journal().hold(0, receipt_ptr{new receipt{here.local(), ticket(1)}});
    if (waits)
      here.journal().hold(0, receipt_ptr{new receipt{here.local(), *waits}});
    here.journal().hold(0, nullptr);
    here.journal().send(0);
    return here.left.back().request->level;
  };
  using persistence::durability;
  CHECK(next_level(ticket(2)) == durability::written);
  CHECK(next_level(synced) == durability::synced);
  CHECK(next_level(std::nullopt) == durability::written);
  here.exchange.message_durability = net::message_durability::synced;
  CHECK(next_level(std::nullopt) == durability::synced);
  here.commit_all(errc::disk_full);
  CHECK(settled(here).size() == 6);
}

TEST_CASE("a receipt that several hold is settled by the last of them") {
  storage_site here{hetzel::test::open_config(), 2};
  const receipt_ptr held{new receipt{here.local(), ticket(1)}};
  here.journal().batch(0).create_queue(here.disk->allocate_queue(0),
                                       {"", "a"});
  here.journal().batch(1).create_queue(here.disk->allocate_queue(1),
                                       {"", "b"});
  here.journal().hold(0, held);
  {
    receipt_source given{held};
    here.journal().hold(1, given.take());
  }
  here.journal().flush();
  REQUIRE(here.left.size() == 2);
  here.journal().on_committed(0, 1, errc::none);
  here.journal().on_committed(1, 1, errc::disk_full);
  CHECK(settled(here).empty());
  const_cast<receipt_ptr&>(held).reset();
  const auto told = settled(here);
  REQUIRE(told.size() == 1);
  CHECK(told[0].code == errc::disk_full);
}

TEST_CASE("what was taken back before it left costs no write") {
  storage_site here;
  small_queue queue{here};
  here.commit_all();
  const auto before = here.disk->shard(0).statistics().commits;
  const auto stub = queue.put(here);
  here.journal().hold(0, receipt_ptr{new receipt{here.local(), ticket(1)}});
  queue.disk.erase(here.journal().batch(0), stub);
  here.commit_all();
  CHECK(settled(here).size() == 1);
  CHECK(here.totals().entries == 0);
  CHECK(here.disk->shard(0).statistics().commits >= before);
}

TEST_CASE("a batch grows as long as the one before it is under way, up to its "
          "limit") {
  storage_site here;
  small_queue queue{here};
  queue.put(here);
  here.journal().flush();
  queue.put(here);
  here.journal().flush();
  CHECK(here.left.size() == 1);
  here.journal().cancel_flush();
  here.journal().on_committed(0, 1, errc::none);
  CHECK(here.journal().is_listed());
  here.journal().flush();
  CHECK(here.left.size() == 2);
  CHECK(here.journal().committed(0) == 1);
  persistence::entry_record large;
  const std::string body(journal::batch_bytes_max, 'b');
  large.header = "h";
  large.body = body;
  queue.disk.append(here.journal().batch(0), large);
  here.journal().flush();
  CHECK(here.left.size() == 3);
}

TEST_CASE("batches end in their order, and a new keeper sends again what was "
          "under way") {
  storage_site here;
  small_queue queue{here};
  queue.put(here);
  here.journal().send(0);
  queue.put(here);
  here.journal().send(0);
  REQUIRE(here.left.size() == 2);
  here.journal().on_committed(0, 2, errc::none); // not its turn
  CHECK(here.journal().committed(0) == 0);
  // The keeper died with both.
  here.left.clear();
  here.journal().detach(here);
  queue.put(here);
  here.journal().send(0);
  CHECK(here.left.empty());
  here.journal().attach(here);
  REQUIRE(here.left.size() == 3);
  CHECK(here.left[0].number == 1);
  CHECK(here.left[2].number == 3);
  here.commit_all();
  CHECK(here.journal().committed(0) == 3);
  CHECK(here.journal().under_way() == 0);
  CHECK(here.totals().entries == 3);
}

TEST_CASE("when a batch is lost nothing behind it counts until all are sent "
          "again, in their order") {
  storage_site here;
  small_queue queue{here};
  for (int i = 0; i < 3; ++i) {
    queue.put(here);
    here.journal().send(0);
  }
  here.left.clear();
  here.journal().on_lost(0);
  here.journal().on_lost(0);
  CHECK(here.lost.size() == 1);
  queue.put(here);
  here.journal().send(0);
  CHECK(here.left.empty());
  here.journal().on_committed(0, 1, errc::none); // of a writer that is gone
  CHECK(here.journal().committed(0) == 0);
  here.journal().resend(0);
  REQUIRE(here.left.size() == 4);
  CHECK(here.left[0].request->is_anew);
  CHECK(!here.left[1].request->is_anew);
  CHECK(here.left[3].number == 4);
  here.commit_all();
  CHECK(here.journal().committed(0) == 4);
}

} // namespace storage_journal_test
