#include "actors/messaging/storage/receipt.hpp"

#include "actors/messaging/site.hpp"
#include "test/support/messaging_node.hpp"

#include <doctest/doctest.h>

#include <thread>
#include <vector>

namespace storage_receipt_test {

using namespace hetzel;
using namespace hetzel::messaging;
using hetzel::persistence::errc;
using hetzel::test::messaging_site;

namespace {

store_ticket of_publish(std::uint64_t mark_owner = 0) {
  store_ticket ticket;
  ticket.number = 5;
  ticket.id = 17;
  ticket.quality = mqtt::qos::exactly_once;
  ticket.mark_owner = mark_owner;
  ticket.mark_id = 17;
  return ticket;
}

} // namespace

TEST_CASE("a receipt that nobody asked for settles nothing") {
  messaging_site here;
  {
    receipt_source waits{here.local(), of_publish()};
    CHECK(!waits.was_taken());
  }
  CHECK(here.local().settlements.empty());
  receipt_source nobody;
  CHECK(!nobody.take());
}

TEST_CASE("all that ask get the same receipt, and its last holder settles it, "
          "on whichever thread") {
  messaging_site here;
  std::vector<receipt_ptr> held;
  {
    receipt_source waits{here.local(), of_publish()};
    for (int i = 0; i < 4; ++i)
      held.push_back(waits.take());
  }
  CHECK(held[0] == held[3]);
  std::vector<std::thread> holders;
  for (auto& one : held)
    holders.emplace_back([mine = std::move(one)]() mutable { mine.reset(); });
  for (auto& holder : holders)
    holder.join();
  held.clear();
  const auto told = here.local().settlements.take(10);
  REQUIRE(told.size() == 1);
  CHECK(told[0].ticket.number == 5);
  CHECK(told[0].code == errc::none);
}

TEST_CASE("who could not store it is heard, and so are the marks that were "
          "put") {
  messaging_site here;
  persistence::message_batch batch;
  {
    receipt_source waits{here.local(), of_publish(99)};
    waits.take()->add_mark(batch, 1);
    waits.take()->add_mark(batch, 2);
    waits.take()->fail(errc::io_error);
  }
  CHECK(batch.count() == 2);
  const auto told = here.local().settlements.take(10);
  REQUIRE(told.size() == 1);
  CHECK(told[0].code == errc::io_error);
  REQUIRE(told[0].marks.size() == 2);
  CHECK(told[0].marks[1] == persistence::receive_mark{99, 17, 2});
}

TEST_CASE("who had the message before the server died is told apart, before "
          "and after a receipt is made") {
  messaging_site here;
  receipt_source waits{here.local(), of_publish(99), {7}};
  CHECK(waits.has_it(7));
  CHECK(!waits.has_it(8));
  CHECK(waits.take()->has_it(7));
  CHECK(!waits.has_it(8));
}

} // namespace storage_receipt_test
