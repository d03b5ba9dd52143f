#include "actors/node/node_copy.hpp"

#include "actors/node/directory_layout.hpp"
#include "actors/node/node.hpp"
#include "cluster/metadata/store_identity.hpp"
#include "persistence/leveldb_store.hpp"
#include "test/support/messaging_node.hpp"
#include "test/support/node_fixture.hpp"
#include "test/support/temporary_directory.hpp"

#include <doctest/doctest.h>

#include <filesystem>
#include <string>

namespace node_copy_test {

using namespace hetzel;
using hetzel::node::node_copy;
using hetzel::test::messaging_client;
using hetzel::test::messaging_node;
using hetzel::test::metadata_disk;
using hetzel::test::open_config;
using hetzel::test::open_node_config;
using hetzel::test::persistent;
using hetzel::test::temporary_directory;

namespace fs = std::filesystem;

namespace {

constexpr auto qos_1 = mqtt::qos::at_least_once;

/// A node whose stores are in memory, and a place for copies of it.
struct copied_node : messaging_node {
  copied_node() : messaging_node(open_config(), metadata_disk::make()) {}

  auto begin(const std::string& to) {
    return node_copy::begin(*metadata, *messages, place.path("node"), to);
  }

  temporary_directory place;
};

std::string finish(node_copy& copy) {
  for (;;) {
    const auto done = copy.step();
    if (!done)
      return done.error();
    if (*done)
      return "done";
  }
}

} // namespace

TEST_CASE("a node starts from a copy with what was acknowledged before it "
          "began, and nothing of what came later") {
  copied_node original;
  {
    messaging_client absent{original.port(), persistent("absent")};
    absent.subscribe("t", {qos_1});
    absent.disconnect();
  }
  auto publisher = original.client("publisher");
  publisher.publish("t", "before", qos_1);
  publisher.publish("kept", "retained", qos_1, true);
  auto begun = original.begin(original.place.path("copy"));
  REQUIRE(begun);
  publisher.publish("t", "later", qos_1);
  CHECK_FALSE(fs::exists(original.place.path("copy")));
  CHECK(finish(**begun) == "done");
  CHECK((*begun)->report().records > 0);
  CHECK_FALSE(fs::exists(original.place.path("copy.copying")));

  auto config = open_node_config();
  config.data_dir = original.place.path("copy");
  node::node second{config};
  REQUIRE(second.start());
  const auto port = second.listeners().front().port;
  messaging_client back{port};
  CHECK(back.connect(persistent("absent")).session_present);
  CHECK(back.next().payload == "before");
  back.subscribe("kept", {qos_1});
  CHECK(back.next().payload == "retained");
  CHECK(back.take_messages().empty());
}

TEST_CASE("the metadata of a copy counts by itself, and is the owner's alone") {
  copied_node original;
  const auto path = original.place.path("copy");
  auto begun = original.begin(path);
  REQUIRE(begun);
  REQUIRE(finish(**begun) == "done");
  CHECK(fs::status(path).permissions() == fs::perms::owner_all);
  const auto store = persistence::leveldb_store::open(
    node::metadata_folder(path).string(), {.create_if_missing = false});
  REQUIRE(store);
  const auto identity
    = cluster::open_identity(**store, {.random = [] { return 77; }});
  REQUIRE(identity);
  CHECK(identity->has_rotated);
  CHECK(identity->actor == cluster::actor_id{77});
}

TEST_CASE("a place that will not do is a sentence, and nothing is made") {
  copied_node original;
  const auto& place = original.place;
  fs::create_directories(place.path("node/messages"));
  fs::create_directory(place.path("there"));
  const auto fault = [&](const std::string& name) {
    const auto begun = original.begin(place.path(name));
    return begun ? "none" : begun.error().substr(place.path(name).size());
  };
  CHECK(fault("there") == ": it exists already");
  CHECK(fault("node/copy") == ": it is in the data directory itself");
  CHECK(fault("node/messages/../copy") == ": it is in the data directory "
                                          "itself");
  CHECK(fault("no/copy") == ": there is no directory " + place.path("no"));
  CHECK(fault("copy/") == ": it has no name");
  CHECK(fs::is_empty(place.path("there")));
  CHECK_FALSE(fs::exists(place.path("copy.copying")));
}

TEST_CASE("a copy that is given up leaves nothing") {
  copied_node original;
  {
    auto begun = original.begin(original.place.path("copy"));
    REQUIRE(begun);
    REQUIRE((*begun)->step());
    CHECK(fs::exists(original.place.path("copy.copying")));
  }
  CHECK(fs::is_empty(original.place.path()));
}

TEST_CASE("a store that cannot be read makes no copy") {
  copied_node original;
  auto publisher = original.client("publisher");
  publisher.publish("kept", "retained", qos_1, true);
  auto begun = original.begin(original.place.path("copy"));
  REQUIRE(begun);
  original.disk->records.fail_reads(persistence::errc::io_error, 1'000'000);
  CHECK(finish(**begun) != "done");
  original.disk->records.fail_reads(persistence::errc::none, 0);
  CHECK(fs::is_empty(original.place.path()));
}

} // namespace node_copy_test
