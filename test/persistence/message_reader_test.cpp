#include "persistence/messages/message_reader.hpp"

#include "test/support/message_shard.hpp"
#include "test/support/store_files.hpp"

#include <doctest/doctest.h>

namespace message_reader_test {

using namespace hetzel::persistence;
using namespace hetzel::test;

using list = std::vector<std::string>;

namespace {

/// A queue with the messages "1" to "9", each of two bytes.
struct nine_messages : message_shard {
  nine_messages() : queue(create("c")) {
    for (int at = 1; at < 10; ++at)
      append(queue, std::to_string(at));
    commit();
  }

  window read(const window_request& request = {}) {
    return store->read_window(queue.id(), request, log);
  }

  window_log log;
  durable_queue queue;
};

} // namespace

TEST_CASE("windows go through a queue from its front without a gap") {
  nine_messages shard;
  window_request request;
  request.count_max = 4;
  for (const bool last : {false, false, true}) {
    const auto seen = shard.read(request);
    CHECK(seen.count == (last ? 1 : 4));
    CHECK(seen.at_end == last);
    CHECK(seen.status == errc::none);
    request = seen.rest;
  }
  CHECK(shard.log.bodies == list{"1", "2", "3", "4", "5", "6", "7", "8", "9"});
  CHECK(shard.log.headers == list(9, "h"));
  shard.append(shard.queue, "10");
  shard.commit();
  CHECK(shard.read(request).count == 1);
  CHECK(shard.log.bodies.back() == "10");
}

TEST_CASE("windows go through a queue from its back without a gap") {
  nine_messages shard;
  window_request request;
  request.count_max = 4;
  request.newest_first = true;
  for (bool at_end = false; !at_end;) {
    const auto seen = shard.read(request);
    request = seen.rest;
    at_end = seen.at_end;
  }
  CHECK(shard.log.bodies == list{"9", "8", "7", "6", "5", "4", "3", "2", "1"});
}

TEST_CASE("a window ends with the message that reaches its bytes, and has one "
          "at least") {
  nine_messages shard;
  window_request request;
  request.bytes_max = 5;
  CHECK(shard.read(request).bytes == 6);
  request.bytes_max = 1;
  CHECK(shard.read(request).count == 1);
}

TEST_CASE("a window keeps to its queue and to its range") {
  nine_messages shard;
  auto other = shard.create("other");
  shard.append(other, "other");
  shard.commit();
  window_request request;
  request.from = sequence{3};
  request.to = sequence{6};
  for (const bool newest_first : {false, true}) {
    request.newest_first = newest_first;
    CHECK(shard.read(request).at_end);
  }
  CHECK(shard.log.bodies == list{"3", "4", "5", "5", "4", "3"});
  CHECK(bodies_of(shard.store->read(), other.id()) == list{"other"});
}

TEST_CASE("a stub that was read erases the message that it came with") {
  nine_messages shard;
  shard.append(shard.queue, "expires", at_ms(7));
  shard.commit();
  CHECK(shard.read().at_end);
  auto found = shard.find(shard.queue.id());
  for (const auto& stub : shard.log.stubs)
    found.erase(shard.batch, stub);
  shard.commit();
  CHECK(found.count() == 0);
  CHECK(found.bytes() == 0);
  CHECK(shard.records(record_kind::entry) == 0);
  CHECK(shard.records(record_kind::entry_deadline) == 0);
  CHECK(shard.store->statistics().totals == message_totals{1, 0, 0, 0, 0});
  CHECK(shard.find(shard.queue.id()).ledger() == found.ledger());
}

TEST_CASE("a window that meets a failing read keeps what it had and goes on "
          "later") {
  nine_messages shard;
  shard.disk.fail_reads(errc::io_error, 1, 3);
  const auto seen = shard.read();
  CHECK(seen.status == errc::io_error);
  CHECK_FALSE(seen.at_end);
  CHECK(shard.log.bodies == list{"1", "2", "3"});
  CHECK(shard.read(seen.rest).at_end);
  CHECK(shard.log.bodies.size() == 9);
}

TEST_CASE("a damaged message is corrupt, and those behind it can be read") {
  nine_messages shard;
  const entry_key damaged{shard.queue.id(), sequence{2}};
  REQUIRE(shard.disk.damage(record_key(damaged)));
  auto seen = shard.read();
  CHECK(seen.status == errc::corrupt);
  CHECK(shard.log.bodies == list{"1"});
  CHECK(seen.rest.from == sequence{2});
  seen.rest.from = behind(seen.rest.from);
  CHECK(shard.read(seen.rest).at_end);
  CHECK(shard.log.bodies.size() == 8);
}

TEST_CASE("a body stands once, and every reference has it") {
  message_shard shard;
  body_id_source ids(0, shard.store->first_id());
  auto first = shard.create("1");
  auto second = shard.create("2");
  const auto body = shard.batch.put_body(ids.next(), "shared body", 2);
  first.append(shard.batch, {"h1", {}, body, no_deadline});
  second.append(shard.batch, {"h2", {}, body, no_deadline});
  shard.commit();
  CHECK(shard.records(record_kind::body) == 1);
  CHECK(shard.store->statistics().totals == message_totals{2, 2, 26, 2, 1});
  for (const auto& queue : {first, second})
    CHECK(bodies_of(shard.store->read(), queue.id()) == list{"shared body"});
}

TEST_CASE("a body is read from the shard that its number names") {
  message_shard first({2, 0});
  message_shard second({2, 1});
  for (auto* shard : {&first, &second})
    shard->store->connect({&first.disk, &second.disk});
  body_id_source ids(1, second.store->first_id());
  const auto body = second.batch.put_body(ids.next(), "far away", 1);
  second.commit();
  auto queue = first.create("c");
  queue.append(first.batch, {"h", {}, body, no_deadline});
  first.commit();
  CHECK(bodies_of(first.store->read(), queue.id()) == list{"far away"});
}

TEST_CASE("a message without its body is reported to be erased, and others "
          "come") {
  message_shard shard;
  auto queue = shard.create("c");
  body_id_source ids(0, shard.store->first_id());
  const auto missing = reference_to(ids.next(), "never written");
  const auto elsewhere = reference_to(make_body_id(9, 1), "no such shard");
  shard.append(queue, "a");
  queue.append(shard.batch, {"h", {}, missing, no_deadline});
  queue.append(shard.batch, {"h", {}, elsewhere, no_deadline});
  shard.append(queue, "b");
  shard.commit();
  window_log log;
  const auto seen = shard.store->read_window(queue.id(), {}, log);
  CHECK(log.bodies == list{"a", "b"});
  REQUIRE(seen.dangling.size() == 2);
  CHECK(seen.dangling[0].at == sequence{2});
  CHECK(shard.store->statistics().dangling == 2);
  for (const auto& stub : seen.dangling)
    queue.erase(shard.batch, stub);
  shard.commit();
  CHECK(queue.count() == 2);
  CHECK(shard.store->statistics().totals.references == 0);
}

TEST_CASE("another body under the number of a reference is never taken for "
          "it") {
  message_shard shard;
  auto queue = shard.create("c");
  body_id_source ids(0, shard.store->first_id());
  const auto id = ids.next();
  shard.batch.put_body(id, "other text", 1);
  queue.append(shard.batch,
               {"h", {}, reference_to(id, "right text"), no_deadline});
  shard.commit();
  window_log log;
  CHECK(shard.store->read_window(queue.id(), {}, log).dangling.size() == 1);
  CHECK(log.bodies.empty());
}

TEST_CASE("a damaged body loses its messages alone") {
  message_shard shard;
  auto queue = shard.create("c");
  body_id_source ids(0, shard.store->first_id());
  const auto body = shard.batch.put_body(ids.next(), "body", 1);
  queue.append(shard.batch, {"h", {}, body, no_deadline});
  shard.append(queue, "b");
  shard.commit();
  REQUIRE(shard.disk.damage(record_key(body.id)));
  window_log log;
  const auto seen = shard.store->read_window(queue.id(), {}, log);
  CHECK(seen.status == errc::none);
  CHECK(seen.damaged.size() == 1);
  CHECK(log.bodies == list{"b"});
  CHECK(shard.store->statistics().damaged == 1);
}

TEST_CASE("a body that cannot be read now is read later") {
  message_shard shard;
  auto queue = shard.create("c");
  body_id_source ids(0, shard.store->first_id());
  const auto body = shard.batch.put_body(ids.next(), "body", 1);
  queue.append(shard.batch, {"h", {}, body, no_deadline});
  shard.commit();
  shard.disk.fail_reads(errc::io_error, 1, 1);
  window_log log;
  const auto seen = shard.store->read_window(queue.id(), {}, log);
  CHECK(seen.status == errc::io_error);
  CHECK(shard.store->read_window(queue.id(), seen.rest, log).at_end);
  CHECK(log.bodies == list{"body"});
}

TEST_CASE("queues are listed page by page in the order of their names") {
  message_shard shard;
  for (const auto* client : {"b", "a", "", "ab"})
    shard.create(client);
  std::optional<queue_name> after;
  list names;
  for (;;) {
    const auto page = shard.store->read().list_queues(after, 3);
    REQUIRE(page.has_value());
    if (page->empty())
      break;
    for (const auto& [name, id] : *page) {
      names.push_back(name.client_id);
      CHECK(shard.store->read().find_queue(name).value() == id);
    }
    after = page->back().first;
  }
  CHECK(names == list{"", "a", "ab", "b"});
}

TEST_CASE("mountpoints and client ids do not run into each other") {
  message_shard shard;
  const auto id = shard.store->allocate_queue();
  shard.batch.create_queue(id, {"a", "bc"});
  shard.commit();
  CHECK(shard.store->read().find_queue({"a", "bc"}).value() == id);
  CHECK_FALSE(shard.store->read().find_queue({"ab", "c"}).value().has_value());
  CHECK_FALSE(shard.store->read().find_queue({"", "abc"}).value().has_value());
}

TEST_CASE("a failing read of a queue's records is an error, never an absence") {
  nine_messages shard;
  const auto& read = shard.store->read();
  const auto id = shard.queue.id();
  const auto failing = [&](auto ask) {
    shard.disk.fail_reads(errc::io_error);
    const auto answer = ask();
    REQUIRE_FALSE(answer.has_value());
    CHECK(answer.error() == errc::io_error);
  };
  failing([&] { return read.find_queue({"", "c"}); });
  failing([&] { return read.name_of(id); });
  failing([&] { return read.session_of(id); });
  failing([&] { return read.ledger_of(id); });
  failing([&] { return read.find_entry({id, sequence{1}}); });
  failing([&] { return read.list_queues({}, 1); });
  shard.disk.fail_reads(errc::io_error, 1, 1);
  CHECK_FALSE(read.ledger_of(id).has_value());
}

} // namespace message_reader_test
