// Wills that the metadata has, from CONNECT to the next lives of the node. The
// actor, which writes, is played here.

#include "actors/messaging/queue.hpp"

#include "actors/messaging/stored_records.hpp"
#include "cluster/metadata/metadata.hpp"
#include "test/support/messaging_subscriber.hpp"
#include "test/support/storage_site.hpp"

#include <doctest/doctest.h>

namespace queue_stored_will_test {

using namespace hetzel;
using namespace hetzel::messaging;
using namespace std::chrono_literals;
using hetzel::test::messaging_subscriber;
using hetzel::test::metadata_disk;
using hetzel::test::storage_site;
using mqtt::reason_code;

namespace {

/// A client with a will, and one that waits for it and stores it.
struct stored_will_fixture : storage_site {
  stored_will_fixture() : metadata(disk->open(), disk->identify(), nullptr) {
    exchange.metadata = &metadata;
    mourner.emplace(*this, "mourner");
    mourner->subscribe("wills", {mqtt::qos::at_least_once});
    static_cast<void>(mourner->connect(1h));
    begin();
  }
  ~stored_will_fixture() override { end(); }

  void begin() { client.emplace(*this, "client"); }
  void end() { client.reset(); }

  void connect(std::chrono::seconds delay, bool retain = false) {
    mqtt::connect_request request;
    request.packet.will
      = mqtt::will{"wills", "gone", mqtt::qos::at_least_once, retain, {}};
    request.will_delay = delay;
    request.session_expiry = 1h;
    static_cast<void>(client->connect(request));
  }

  /// What the metadata was told last.
  [[nodiscard]] cluster::session_record last() const {
    return *cluster::decode_session_record(
      *client->records.back()->changes.back().value);
  }

  /// The process dies, with what the metadata has by now, and another begins.
  void live_again(std::chrono::seconds later = 0s) {
    auto record = last();
    for (auto* const time :
         {&record.disconnected_at, record.will ? &record.will->due : nullptr})
      if (time && *time)
        **time -= later;
    end();
    begin();
    client->queue->restore({{"", "client"}, record, {}, stored()});
  }

  /// What the message store has of the client, once it was committed.
  [[nodiscard]] std::optional<stored_origin> stored() {
    const auto& from = storage_site::disk->shard(0).read();
    const auto id = *from.find_queue({"", "client"});
    if (!id)
      return std::nullopt;
    stored_origin origin{*id, *from.ledger_of(*id), {}, {}};
    const auto all = *from.list_marks();
    for (const auto& mark : all)
      if (mark.sender == address_of(0, *id))
        origin.marks.push_back(mark);
    return origin;
  }

  [[nodiscard]] std::size_t marks() {
    return storage_site::disk->shard(0).read().list_marks()->size();
  }

  void pass(std::chrono::seconds time) {
    client->queue->on_timeout(local().home.now() + time);
  }

  /// What the mourner has stored is on disk.
  void store() {
    commit_all();
    settle();
  }

  std::string published() { return mourner->received(); }

  std::shared_ptr<metadata_disk> disk = metadata_disk::make();
  cluster::metadata metadata;
  std::optional<messaging_subscriber> client;
  std::optional<messaging_subscriber> mourner;
};

} // namespace

TEST_CASE("the will is in the one write of CONNECT, and only when there is "
          "one") {
  stored_will_fixture here;
  here.connect(30s);
  REQUIRE(here.client->records.size() == 1);
  REQUIRE(here.last().will);
  CHECK(here.last().will->payload == "gone");
  CHECK(here.last().will->delay == 30s);
  CHECK(!here.last().will->due);
  static_cast<void>(here.client->connect(1h));
  CHECK(!here.last().will);
}

TEST_CASE("DISCONNECT with 0x00 takes the will out of the metadata "
          "[MQTT-3.14.4-3]") {
  stored_will_fixture here;
  here.connect(30s);
  here.client->end_with({reason_code::success, true, std::nullopt});
  CHECK(!here.last().will);
  here.live_again();
  here.pass(50s);
  CHECK(here.published().empty());
}

TEST_CASE("a delayed will is published by the next life when its time has "
          "come, not before (3.1.3.2.2)") {
  stored_will_fixture here;
  here.connect(30s);
  here.client->drop();
  REQUIRE(here.last().will->due);
  here.live_again(10s);
  here.pass(18s);
  CHECK(here.published().empty());
  here.pass(21s);
  CHECK(here.published() == "gone");
}

TEST_CASE("a will whose time came while there was no process is published at "
          "once") {
  stored_will_fixture here;
  here.connect(30s);
  here.client->drop();
  here.live_again(60s);
  here.pass(0s);
  CHECK(here.published() == "gone");
}

TEST_CASE("a client that is back in time in the next life cancels its will, "
          "for all lives [MQTT-3.1.3-9]") {
  stored_will_fixture here;
  here.connect(30s);
  here.client->drop();
  here.live_again(10s);
  static_cast<void>(here.client->connect(1h));
  CHECK(here.count(metric::will_cancelled) == 1);
  CHECK(!here.last().will);
  here.live_again();
  here.pass(60s);
  CHECK(here.published().empty());
}

TEST_CASE("the connection that was open when the process died broke: its will "
          "is due after its delay, counted once for all lives "
          "[MQTT-3.1.2-8]") {
  stored_will_fixture here;
  here.connect(30s);
  here.live_again();
  CHECK(here.last().will->due);
  here.pass(20s);
  CHECK(here.published().empty());
  here.live_again(20s);
  here.pass(8s);
  CHECK(here.published().empty());
  here.pass(11s);
  CHECK(here.published() == "gone");
}

TEST_CASE("the end of the Session publishes the will, however late it is "
          "noticed [MQTT-3.1.2-8]") {
  stored_will_fixture here;
  here.connect(24h);
  here.client->drop();
  here.live_again(2h);
  here.pass(0s);
  CHECK(here.published() == "gone");
  CHECK(!here.client->is_stopped);
  here.store();
  here.pass(0s);
  CHECK(here.client->is_stopped);
}

TEST_CASE("the metadata has the will until its message is on disk, then no "
          "more [MQTT-3.1.2-10]") {
  stored_will_fixture here;
  here.connect(0s);
  const auto writes = here.client->records.size();
  here.client->drop();
  CHECK(here.published() == "gone");
  CHECK(here.client->records.size() == writes);
  CHECK(here.exchange.wills_under_way == 1);
  here.store();
  REQUIRE(here.client->records.size() == writes + 1);
  CHECK(!here.last().will);
  CHECK(here.last().disconnected_at);
  here.client->queue->on_recorded();
  CHECK(here.exchange.wills_under_way == 0);
  here.live_again();
  here.pass(1s);
  CHECK(here.published().empty());
}

TEST_CASE("who has the will on disk from a life that did not come to forget it "
          "does not get it again [MQTT-3.1.2-10]") {
  stored_will_fixture here;
  here.connect(0s);
  here.commit_all();
  here.client->drop();
  CHECK(here.published() == "gone");
  here.commit_all();
  CHECK(here.marks() == 1);
  here.live_again(); // nobody was told that it is on disk
  CHECK(here.last().will);
  here.pass(1s);
  CHECK(here.published().empty());
  here.store();
  CHECK(!here.last().will);
  here.client->queue->on_recorded();
  here.commit_all();
  CHECK(here.marks() == 0);
}

TEST_CASE("the marks of one will are none of the next one's, and go with the "
          "CONNECT that replaces it") {
  stored_will_fixture here;
  here.connect(0s);
  here.commit_all();
  here.client->drop();
  here.commit_all();
  here.live_again();
  here.connect(0s);
  CHECK(here.published() == "gone");
  here.client->queue->on_recorded();
  here.commit_all();
  CHECK(here.marks() == 0);
  here.client->drop();
  CHECK(here.published() == "gone");
}

TEST_CASE("a will to retain is forgotten when a shard has kept it") {
  stored_will_fixture here;
  here.connect(0s, true);
  here.client->drop();
  here.store();
  REQUIRE(here.client->kept_wills.size() == 1);
  CHECK(here.last().will);
  here.client->queue->on_will_kept(here.client->kept_of);
  CHECK(!here.last().will);
}

TEST_CASE("a will that nobody stores is forgotten at once") {
  stored_will_fixture here;
  here.mourner->queue->retire(reason_code::success);
  here.connect(30s);
  here.client->drop();
  CHECK(here.last().will);
  here.pass(31s);
  CHECK(!here.last().will);
  CHECK(here.count(metric::will_published) == 1);
}

TEST_CASE("what is heard of an earlier connection's will is not taken for the "
          "next one's") {
  stored_will_fixture here;
  here.connect(0s);
  here.client->drop();
  here.connect(30s);
  here.store();
  CHECK(here.last().will);
  CHECK(here.exchange.wills_under_way == 0);
  here.client->drop();
  here.pass(31s);
  CHECK(here.published() == "gone gone");
}

TEST_CASE("a queue that is killed leaves its will to the one that takes the "
          "Session up again") {
  for (const bool is_online : {true, false}) {
    stored_will_fixture here;
    here.connect(30s);
    if (!is_online)
      here.client->drop();
    const auto again = here.client->queue->to_restore();
    here.end();
    CHECK(here.published().empty());
    REQUIRE(again);
    here.begin();
    here.client->queue->restore(*again);
    here.pass(28s);
    CHECK(here.published().empty());
    here.pass(31s);
    CHECK(here.published() == "gone");
  }
}

TEST_CASE("no will is published before the node knows all subscribers of its "
          "former life") {
  stored_will_fixture here;
  here.connect(0s);
  here.live_again();
  here.exchange.is_restoring = true;
  here.pass(1s);
  CHECK(here.published().empty());
  here.exchange.is_restoring = false;
  here.pass(2s);
  CHECK(here.published() == "gone");
}

TEST_CASE("the will of a Session that ends with its connection is not "
          "recorded") {
  stored_will_fixture here;
  mqtt::connect_request request;
  request.packet.will
    = mqtt::will{"wills", "gone", mqtt::qos::at_least_once, false, {}};
  request.session_expiry = 0s;
  static_cast<void>(here.client->connect(request));
  here.client->drop();
  CHECK(here.client->records.empty());
  CHECK(here.published() == "gone");
}

} // namespace queue_stored_will_test
