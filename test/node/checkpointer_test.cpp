#include "actors/node/checkpointer.hpp"

#include "test/support/messaging_node.hpp"
#include "test/support/temporary_directory.hpp"

#include <doctest/doctest.h>

#include <caf/exit_reason.hpp>
#include <caf/send.hpp>

#include <filesystem>
#include <future>
#include <memory>
#include <string>

namespace checkpointer_test {

using namespace hetzel;
using namespace hetzel::node;
using hetzel::test::messaging_node;
using hetzel::test::metadata_disk;
using hetzel::test::node_probe;
using hetzel::test::open_config;
using hetzel::test::temporary_directory;

namespace fs = std::filesystem;

namespace {

/// Before there is an actor system.
struct known_types {
  known_types() { node::register_types(); }
};

/// The checkpointer of a node with ten megabytes of records that mean nothing.
struct desk : known_types, messaging_node {
  desk() : messaging_node(open_config(), metadata_disk::make()) {
    for (int i = 0; i < 100; ++i) {
      persistence::write_batch batch;
      batch.put("zz" + std::to_string(i), std::string(100'000, 'x'));
      REQUIRE(disk->messages.write(batch, persistence::durability::written)
              == persistence::errc::none);
    }
    actor = spawn_checkpointer(
      system, {&*metadata, messages.get(), place.path("node")});
  }

  ~desk() { node_probe::kill(caf::actor_cast<caf::strong_actor_ptr>(actor)); }

  /// The last word on an order.
  std::future<std::string> order(const std::string& name) {
    auto answered = std::make_shared<std::promise<std::string>>();
    auto answer = answered->get_future();
    const admin::reply to{[answered](const admin::answer_part& part) {
      if (part.end)
        answered->set_value(part.end->how == admin::outcome::ok
                              ? part.lines.at(0)
                              : part.end->sentence);
    }};
    caf::anon_send(actor, std::make_shared<const checkpoint_order>(
                            checkpoint_order{place.path(name), to}));
    return answer;
  }

  temporary_directory place;
  checkpointer actor;
};

} // namespace

TEST_CASE("there is one copy at a time; who comes meanwhile is told, and who "
          "comes later has another") {
  desk here;
  auto first = here.order("first");
  auto second = here.order("second");
  CHECK(second.get()
        == "a copy is being made already, at " + here.place.path("first"));
  CHECK(first.get() == "to: " + here.place.path("first"));
  CHECK(here.order("second").get() == "to: " + here.place.path("second"));
  CHECK(fs::exists(here.place.path("first")));
  CHECK(here.order("first").get().ends_with("it exists already"));
}

TEST_CASE("a copy goes with the one who makes it, and its operator hears of "
          "it") {
  desk here;
  auto order = here.order("copy");
  node_probe::kill(caf::actor_cast<caf::strong_actor_ptr>(here.actor));
  const auto heard = order.get();
  if (heard == "to: " + here.place.path("copy"))
    return; // it was faster
  CHECK(heard == "nobody answered the command");
  CHECK(fs::is_empty(here.place.path()));
}

} // namespace checkpointer_test
