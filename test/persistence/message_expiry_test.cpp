#include "persistence/messages/message_expiry.hpp"

#include "test/support/message_shard.hpp"

#include <doctest/doctest.h>

namespace message_expiry_test {

using namespace hetzel::persistence;
using namespace hetzel::test;

namespace {

struct expiring : message_shard {
  expiring() : queue(create("c")) {}

  durable_queue queue;
  message_expiry expiry{store->read()};
};

std::vector<sequence> numbers(const expired_list<entry_expiry>& seen) {
  std::vector<sequence> found;
  for (const auto& what : seen.found)
    found.push_back(what.entry.at);
  return found;
}

} // namespace

TEST_CASE("messages are found in the order of their deadlines, from the very "
          "millisecond on") {
  expiring shard;
  shard.append(shard.queue, "late", at_ms(30));
  shard.append(shard.queue, "early", at_ms(10));
  shard.append(shard.queue, "never");
  shard.append(shard.queue, "middle", at_ms(20));
  shard.commit();
  CHECK(shard.expiry.messages(at_ms(9), 10).found.empty());
  CHECK(numbers(shard.expiry.messages(at_ms(10), 10))
        == std::vector{sequence{2}});
  const auto rest = shard.expiry.messages(at_ms(1000), 10);
  CHECK(numbers(rest) == std::vector{sequence{4}, sequence{1}});
  CHECK(rest.found[0].when == at_ms(20));
  CHECK(rest.at_end);
  CHECK(shard.expiry.found_messages() == 3);
}

TEST_CASE("a budget bounds what is found at once") {
  expiring shard;
  for (int at = 0; at < 5; ++at)
    shard.append(shard.queue, "m", at_ms(at));
  shard.commit();
  CHECK(shard.expiry.messages(at_ms(9), 2).found.size() == 2);
  const auto second = shard.expiry.messages(at_ms(9), 2);
  CHECK(second.found.size() == 2);
  CHECK_FALSE(second.at_end);
  CHECK(shard.expiry.messages(at_ms(9), 2).found.size() == 1);
  CHECK(shard.expiry.messages(at_ms(9), 2).at_end);
}

TEST_CASE("what was found and stays is not found again until a restart") {
  expiring shard;
  shard.append(shard.queue, "in flight", at_ms(5));
  shard.commit();
  CHECK(shard.expiry.messages(at_ms(9), 9).found.size() == 1);
  CHECK(shard.expiry.messages(at_ms(9), 9).found.empty());
  // A clock that was put back.
  shard.append(shard.queue, "earlier", at_ms(3));
  shard.commit();
  CHECK(shard.expiry.messages(at_ms(9), 9).found.empty());
  shard.expiry.restart();
  CHECK(shard.expiry.messages(at_ms(9), 9).found.size() == 2);
}

TEST_CASE("an acknowledged message does not expire") {
  expiring shard;
  const auto stub = shard.append(shard.queue, "m", at_ms(5));
  shard.commit();
  shard.queue.erase(shard.batch, stub);
  shard.commit();
  CHECK(shard.expiry.messages(at_ms(9), 9).found.empty());
}

TEST_CASE("expired messages of a queue that nobody runs are dropped and the "
          "queue counts the rest") {
  expiring shard;
  shard.append(shard.queue, "a", at_ms(5));
  shard.append(shard.queue, "stays");
  shard.append(shard.queue, "b", at_ms(6));
  shard.commit();
  const auto seen = shard.expiry.messages(at_ms(9), 9);
  CHECK(shard.expiry.drop(shard.queue.id(), seen.found, shard.batch).value()
        == 2);
  shard.commit();
  const auto found = shard.find(shard.queue.id());
  CHECK(found.count() == 1);
  CHECK(found.bytes() == 6);
  CHECK(bodies_of(shard.store->read(), shard.queue.id())
        == std::vector<std::string>{"stays"});
  CHECK(shard.records(record_kind::entry_deadline) == 0);
}

TEST_CASE("expired garbage is left to the sweep, and a lone deadline is "
          "forgotten") {
  expiring shard;
  shard.append(shard.queue, "garbage", at_ms(5));
  shard.queue.clear(shard.batch);
  shard.commit();
  auto seen = shard.expiry.messages(at_ms(9), 9);
  CHECK(shard.expiry.drop(shard.queue.id(), seen.found, shard.batch).value()
        == 0);
  shard.commit();
  CHECK(shard.find(shard.queue.id()).ledger() == shard.queue.ledger());
  shard.sweep();
  CHECK(shard.records(record_kind::entry_deadline) == 0);
  seen.found[0].entry.at = sequence{99};
  CHECK(shard.expiry.drop(shard.queue.id(), seen.found, shard.batch).value()
        == 0);
  shard.commit();
}

TEST_CASE("sessions expire at the deadline they were put with last") {
  expiring shard;
  const auto other = shard.create("other");
  shard.batch.put_session(shard.queue.id(), "a", at_ms(5));
  shard.batch.put_session(other.id(), "b", at_ms(6));
  shard.commit();
  shard.batch.put_session(shard.queue.id(), "a", at_ms(8), at_ms(5));
  shard.commit();
  auto seen = shard.expiry.sessions(at_ms(7), 9, shard.batch);
  REQUIRE(seen.found.size() == 1);
  CHECK(seen.found[0] == session_expiry{at_ms(6), other.id()});
  seen = shard.expiry.sessions(at_ms(8), 9, shard.batch);
  REQUIRE(seen.found.size() == 1);
  CHECK(seen.found[0].queue == shard.queue.id());
  CHECK(shard.batch.empty());
  CHECK(shard.expiry.found_sessions() == 2);
}

TEST_CASE("a session that has a connection again does not expire") {
  expiring shard;
  shard.batch.put_session(shard.queue.id(), "a", at_ms(5));
  shard.commit();
  shard.batch.put_session(shard.queue.id(), "a", no_deadline, at_ms(5));
  shard.commit();
  CHECK(shard.expiry.sessions(at_ms(99), 9, shard.batch).found.empty());
  CHECK(shard.records(record_kind::session_deadline) == 0);
}

TEST_CASE("a deadline that the session does not have any more is forgotten") {
  expiring shard;
  shard.batch.put_session(shard.queue.id(), "a", at_ms(5));
  shard.commit();
  // Without saying which deadline it replaces.
  shard.batch.put_session(shard.queue.id(), "a", no_deadline);
  shard.commit();
  CHECK(shard.expiry.sessions(at_ms(99), 9, shard.batch).found.empty());
  shard.commit();
  CHECK(shard.records(record_kind::session_deadline) == 0);
}

TEST_CASE("a session that cannot be read does not hold up the others") {
  expiring shard;
  const auto other = shard.create("other");
  shard.batch.put_session(shard.queue.id(), "a", at_ms(5));
  shard.batch.put_session(other.id(), "b", at_ms(6));
  shard.commit();
  REQUIRE(shard.disk.damage(
    record_key(record_kind::session, shard.queue.id())));
  CHECK(shard.expiry.sessions(at_ms(9), 9, shard.batch).status
        == errc::corrupt);
  CHECK(shard.expiry.sessions(at_ms(9), 9, shard.batch).found.size() == 1);
}

TEST_CASE("a failing read is said and loses nothing") {
  expiring shard;
  shard.append(shard.queue, "m", at_ms(5));
  shard.commit();
  shard.disk.fail_reads(errc::io_error);
  CHECK(shard.expiry.messages(at_ms(9), 9).status == errc::io_error);
  CHECK(shard.expiry.messages(at_ms(9), 9).found.size() == 1);
}

} // namespace message_expiry_test
