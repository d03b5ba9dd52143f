// Queues, journal, keeper and writer together, in a running node.

#include "actors/messaging/storage/journal_keeper.hpp"

#include "actors/messaging/storage/message_disk.hpp"
#include "test/support/messaging_client.hpp"
#include "test/support/messaging_node.hpp"
#include "test/support/metadata_disk.hpp"

#include <doctest/doctest.h>

#include <string>

namespace storage_journal_keeper_test {

using namespace hetzel;
using hetzel::test::messaging_node;
using hetzel::test::metadata_disk;
using hetzel::test::node_probe;
using hetzel::test::open_config;
using hetzel::test::persistent;

namespace {

constexpr auto qos_2 = mqtt::qos::exactly_once;

} // namespace

TEST_CASE("a message is acknowledged although keeper and writer are killed "
          "while it is on its way, and is there afterwards") {
  const auto disk = metadata_disk::make();
  messaging_node node{open_config(), disk};
  {
    auto absent = node.client(persistent("absent"));
    absent.subscribe("t", {qos_2});
  }
  auto publisher = node.client("publisher");
  for (int round = 0; round < 5; ++round) {
    const auto* const kind = round % 2 == 0 ? "messaging.journal_keeper"
                                            : "messaging.store_writer";
    for (const auto& one : node.probe.all(kind))
      node_probe::kill(one.listing.actor);
    CHECK(publisher.publish("t", std::to_string(round), qos_2)
          == mqtt::reason_code::success);
  }
  auto back = node.client(persistent("absent"));
  for (int round = 0; round < 5; ++round)
    CHECK(back.next().payload == std::to_string(round));
}

} // namespace storage_journal_keeper_test
