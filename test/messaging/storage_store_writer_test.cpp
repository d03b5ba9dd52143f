#include "actors/messaging/storage/store_writer.hpp"

#include "actors/messaging/storage/message_disk.hpp"
#include "actors/messaging/storage/stored_message.hpp"
#include "actors/messaging/tree.hpp"
#include "persistence/memory_store.hpp"
#include "persistence/messages/durable_queue.hpp"
#include "test/support/messaging_node.hpp"

#include <doctest/doctest.h>

#include <caf/scoped_actor.hpp>

#include <mutex>
#include <string>

namespace storage_store_writer_test {

using namespace hetzel;
using namespace hetzel::messaging;
using namespace std::chrono_literals;
using hetzel::persistence::errc;
using hetzel::test::messaging_site;
using hetzel::test::node_probe;

namespace {

struct writer_fixture : messaging_site {
  writer_fixture() {
    open();
    queue.emplace(disk->allocate_queue(0));
    start();
  }

  void open() {
    message_disk::stores stores;
    stores.push_back(kept->open_messages());
    disk = message_disk::open(std::move(stores)).value();
  }

  void die_and_live_again() {
    stop();
    disk.reset();
    open();
    start();
  }

  ~writer_fixture() { stop(); }

  void start() { writer = spawn_store_writer(system, *disk, 0); }

  void stop() {
    self->send_exit(writer, caf::exit_reason::user_shutdown);
    self->wait_for(writer);
  }

  /// A request with one more message.
  commit_request_ptr
  message(const std::string& payload,
          std::optional<std::chrono::system_clock::time_point> expires = {}) {
    auto batch = std::make_shared<persistence::message_batch>();
    if (queue->count() == 0 && !is_made) {
      batch->create_queue(queue->id(), {"", "c"});
      is_made = true;
    }
    mqtt::message_fields fields;
    fields.topic_name = "t";
    fields.payload = payload;
    fields.quality = mqtt::qos::at_least_once;
    mqtt::delivery item;
    item.message = mqtt::message::make(fields);
    item.quality = fields.quality;
    std::string header, body;
    encode_header(header, item);
    encode_body(body, *item.message);
    persistence::entry_record record;
    record.header = header;
    record.body = body;
    if (expires)
      record.expires = std::chrono::floor<std::chrono::milliseconds>(*expires);
    queue->append(*batch, record);
    auto request = std::make_shared<commit_request>();
    request->batch = std::move(batch);
    return request;
  }

  errc commit(const commit_request_ptr& request) {
    errc code = errc::corrupt;
    self->request(writer, 20s, request)
      .receive(
        [&](std::uint8_t answer) { code = static_cast<errc>(answer); },
        [](const caf::error&) {});
    return code;
  }

  loaded_window_ptr read() {
    auto query = std::make_shared<window_query>();
    query->queue = queue->id();
    loaded_window_ptr seen;
    self->request(writer, 20s, window_query_ptr{query})
      .receive([&](const loaded_window_ptr& reply) { seen = reply; },
               [](const caf::error&) {});
    return seen;
  }

  std::string payloads() {
    std::string text;
    const auto seen = read();
    for (const auto& one : seen->messages)
      text += std::string{one.item.message->payload()} + ' ';
    return text;
  }

  std::shared_ptr<hetzel::test::metadata_disk> kept
    = hetzel::test::metadata_disk::make();
  persistence::memory_store* records = &kept->messages;
  std::unique_ptr<message_disk> disk;
  std::optional<persistence::durable_queue> queue;
  store_writer writer;
  bool is_made = false;
};

} // namespace

namespace {

struct shared_message {
  commit_request_ptr body;
  commit_request_ptr entry;
};

/// A message of which the body comes from another reactor than the entry.
shared_message shared(writer_fixture& here, const std::string& payload) {
  mqtt::message_fields fields;
  fields.topic_name = "t";
  fields.payload = payload;
  fields.quality = mqtt::qos::at_least_once;
  mqtt::delivery item;
  item.message = mqtt::message::make(fields);
  item.quality = fields.quality;
  std::string header, body;
  encode_header(header, item);
  encode_body(body, *item.message);
  auto first = std::make_shared<persistence::message_batch>();
  persistence::entry_record record;
  record.header = header;
  record.reference = first->put_body(here.disk->allocate_body(0), body, 1);
  auto second = std::make_shared<persistence::message_batch>();
  here.queue->append(*second, record);
  auto with_body = std::make_shared<commit_request>();
  with_body->batch = std::move(first);
  auto with_entry = std::make_shared<commit_request>();
  with_entry->batch = std::move(second);
  return {std::move(with_body), std::move(with_entry)};
}

} // namespace

TEST_CASE("an entry that is there before its body is not lost, and nothing "
          "overtakes it") {
  writer_fixture here;
  CHECK(here.commit(here.message("a")) == errc::none);
  const auto b = shared(here, "b");
  CHECK(here.commit(b.entry) == errc::none);
  CHECK(here.commit(here.message("c")) == errc::none);
  CHECK(here.payloads() == "a ");
  CHECK(here.read()->status != errc::none);
  CHECK(here.read()->lost.empty());
  CHECK(here.commit(b.body) == errc::none);
  CHECK(here.payloads() == "a b c ");
  CHECK(here.read()->status == errc::none);
  CHECK(here.disk->counters().lost == 0);
}

TEST_CASE("an entry whose body a former process did not come to write is "
          "counted and left out") {
  writer_fixture here;
  CHECK(here.commit(here.message("a")) == errc::none);
  CHECK(here.commit(shared(here, "b").entry) == errc::none);
  CHECK(here.commit(here.message("c")) == errc::none);
  here.die_and_live_again();
  CHECK(here.payloads() == "a c ");
  CHECK(here.disk->counters().lost == 1);
  REQUIRE(here.read()->lost.size() == 1);
  CHECK(persistence::number(here.read()->lost[0].at) == 2);
  CHECK(here.read()->status == errc::none);
}

TEST_CASE("what was committed is read back, in order") {
  writer_fixture here;
  CHECK(here.commit(here.message("a")) == errc::none);
  CHECK(here.commit(here.message("b")) == errc::none);
  CHECK(here.payloads() == "a b ");
  CHECK(here.read()->at_end);
}

TEST_CASE("a window sees what the same sender gave before, committed or not") {
  writer_fixture here;
  here.self->send(here.writer, here.message("a"));
  CHECK(here.payloads() == "a ");
}

TEST_CASE("a store that fails says why, refuses the next ones, and is written "
          "again by itself when it can be") {
  writer_fixture here;
  CHECK(here.commit(here.message("a")) == errc::none);
  here.records->fail_writes(errc::disk_full, 1'000'000);
  CHECK(here.commit(here.message("b")) == errc::disk_full);
  CHECK(here.disk->failure(0) == errc::disk_full);
  CHECK(here.read()->status == errc::disk_full);
  here.records->fail_writes(errc::none, 0);
  CHECK(node_probe::eventually(
    [&] { return here.disk->failure(0) == errc::none; }));
  CHECK(here.payloads() == "a b ");
}

TEST_CASE("what a writer could not write is written by the one that comes "
          "after it") {
  writer_fixture here;
  here.records->fail_writes(errc::io_error, 1'000'000);
  CHECK(here.commit(here.message("a")) == errc::io_error);
  here.stop();
  here.records->fail_writes(errc::none, 0);
  here.start();
  CHECK(here.commit(here.message("b")) == errc::none);
  CHECK(here.payloads() == "a b ");
}

namespace {

/// Remembers what it is told; all queues are of one reactor.
struct noting_listener final : expiry_listener {
  static constexpr std::uint32_t reactor = 3;

  std::size_t reactor_of(const subscriber_key&) const override {
    return reactor;
  }
  void on_expired(std::size_t, expired_messages what) override {
    const std::lock_guard guard{mutex};
    found.push_back(std::move(what));
  }
  std::size_t count() {
    const std::lock_guard guard{mutex};
    return found.size();
  }

  std::mutex mutex;
  std::vector<expired_messages> found;
};

} // namespace

TEST_CASE("who runs a queue is told of what expired, and what the store had "
          "of it by then") {
  writer_fixture here;
  noting_listener listener;
  here.stop();
  here.disk->listener = &listener;
  here.start();
  auto request = std::make_shared<commit_request>(
    *here.message("a", std::chrono::system_clock::now() - 1s));
  request->reactor = noting_listener::reactor;
  request->number = 1;
  CHECK(here.commit(request) == errc::none);
  CHECK(here.commit(here.message("b", std::chrono::system_clock::now() + 1h))
        == errc::none);
  REQUIRE(node_probe::eventually([&] { return listener.count() > 0; }));
  here.stop();
  CHECK(listener.found[0].key.client_id() == "c");
  REQUIRE(listener.found[0].messages.size() == 1);
  CHECK(persistence::number(listener.found[0].messages[0].at) == 1);
  CHECK(listener.found[0].seen == 1);
  here.start();
}

TEST_CASE("what a queue could not be told is told again within a second or "
          "two, not with the next round") {
  writer_fixture here;
  noting_listener listener;
  here.stop();
  here.disk->listener = &listener;
  here.start();
  CHECK(here.commit(here.message("a", std::chrono::system_clock::now() - 1s))
        == errc::none);
  REQUIRE(node_probe::eventually([&] { return listener.count() == 1; }));
  here.disk->tell_again(0);
  CHECK(node_probe::eventually([&] { return listener.count() == 2; }));
  here.stop();
  CHECK(listener.found[0].messages == listener.found[1].messages);
  here.start();
}

TEST_CASE("what is not the next batch of its reactor is not made: a writer "
          "that starts anew does not know those before") {
  writer_fixture here;
  const auto numbered = [&](std::uint64_t number, bool is_anew) {
    auto request
      = std::make_shared<commit_request>(*here.message("x"));
    request->reactor = 3;
    request->number = number;
    request->is_anew = is_anew;
    return commit_request_ptr{std::move(request)};
  };
  CHECK(here.commit(numbered(1, false)) == errc::none);
  CHECK(here.commit(numbered(3, false)) == errc::corrupt); // an error instead
  CHECK(here.commit(numbered(2, false)) == errc::none);
  here.stop();
  here.start();
  CHECK(here.commit(numbered(3, false)) == errc::corrupt);
  CHECK(here.commit(numbered(2, true)) == errc::none);
  CHECK(here.commit(numbered(3, false)) == errc::none);
}

} // namespace storage_store_writer_test
