/// The message store beside a naive model of it, under the faults of disks,
/// processes and machines.

#include "persistence/messages/message_store.hpp"

#include "test/support/message_model.hpp"

#include <doctest/doctest.h>

#include <random>

namespace message_store_model_test {

using namespace hetzel::test;

namespace {

/// How a run is disturbed.
struct troubles {
  bool kills = false;
  bool power = false;
};

void run(unsigned shards, std::uint32_t seed, troubles what) {
  CAPTURE(seed);
  model_node node(shards, seed);
  std::mt19937 random(seed);
  for (int step = 0; step < 120; ++step) {
    for (auto left = 1 + random() % 12; left-- > 0;)
      node.change();
    if (random() % 3 != 0)
      node.commit();
    if (what.kills && random() % 12 == 0)
      node.crash(false);
    if (what.power && random() % 20 == 0)
      node.crash(true);
  }
  node.finish();
}

} // namespace

TEST_CASE("a shard agrees with a simple model while writes fail") {
  for (std::uint32_t seed = 1; seed <= 30; ++seed)
    run(1, seed, {});
}

TEST_CASE("a shard agrees with a simple model over kills of the process") {
  for (std::uint32_t seed = 101; seed <= 140; ++seed)
    run(1, seed, {true, false});
}

TEST_CASE("a shard agrees with a simple model over power losses that take "
          "unsynced batches") {
  for (std::uint32_t seed = 201; seed <= 240; ++seed)
    run(1, seed, {true, true});
}

TEST_CASE("shards of a node lose no message and keep no body when they are "
          "killed between each other's commits") {
  for (std::uint32_t seed = 301; seed <= 340; ++seed)
    run(3, seed, {true, false});
}

TEST_CASE("shards of a node that lose power at different points show no "
          "message that is not theirs") {
  for (std::uint32_t seed = 401; seed <= 440; ++seed)
    run(3, seed, {true, true});
}

TEST_CASE("the model notices a batch that is not whole") {
  bool noticed = false;
  for (std::uint32_t seed = 501; seed <= 520 && !noticed; ++seed) {
    model_node node(1, seed);
    node.expect_differences();
    for (int step = 0; step < 20 && !noticed; ++step) {
      for (int left = 0; left < 10; ++left)
        node.change();
      node.commit();
      node.tear();
      noticed = node.differs();
    }
  }
  CHECK(noticed);
}

} // namespace message_store_model_test
