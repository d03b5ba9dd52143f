#include "test/cluster/broadcast_network.hpp"

#include <doctest/doctest.h>

#include <cstdio>

namespace broadcast_network_test {

using namespace hetzel::cluster;
using namespace hetzel::test;
using namespace std::chrono_literals;

namespace {

network_options trees(std::size_t nodes, std::uint64_t seed = 1) {
  network_options options;
  options.nodes = nodes;
  options.seed = seed;
  options.node.mode = broadcast_mode::tree;
  return options;
}

/// Every node writes, round after round, until a round needs no pull and makes
/// no second copy; how many rounds that took.
unsigned settle(broadcast_network& net) {
  auto trouble = [&] {
    auto sum = net.pulls();
    for (auto& [store, node] : net.nodes())
      sum += node.core->counters().frames_duplicate;
    return sum;
  };
  for (unsigned round = 1; round < 40; ++round) {
    auto before = trouble();
    for (auto store : net.stores()) {
      (void) net.write(store, round % 2);
      net.run(50ms);
    }
    net.run(2s);
    if (round > 3 && trouble() == before)
      return round;
  }
  FAIL("the trees do not settle");
  return 0;
}

/// What arrives as frames alone reaches everybody, without a second copy.
void check_settled(broadcast_network& net) {
  auto pulls = net.pulls();
  for (auto store : net.stores()) {
    auto what = net.write(store);
    net.run(300ms);
    CHECK(net.has_reached_all(what));
    CHECK(net.copies(what) == net.nodes().size() - 1);
  }
  net.run(3s);
  CHECK(net.pulls() == pulls);
}

} // namespace

TEST_CASE("up to eight nodes the origin sends each frame to every other one, "
          "once") {
  for (std::size_t nodes = 2; nodes <= 8; ++nodes) {
    network_options options;
    options.nodes = nodes;
    broadcast_network net{options};
    for (auto store : net.stores())
      CHECK(net.at(store).core->is_mesh());
    check_settled(net);
    for (auto store : net.stores())
      CHECK(net.at(store).core->trees().empty());
  }
}

TEST_CASE("from nine nodes on frames travel along trees") {
  network_options options;
  options.nodes = 9;
  broadcast_network net{options};
  for (auto store : net.stores())
    CHECK_FALSE(net.at(store).core->is_mesh());
}

TEST_CASE("once a tree has settled each frame reaches every node, once [B1]") {
  for (std::size_t nodes = 2; nodes <= 20; ++nodes)
    for (std::size_t zones : {1, 3}) {
      CAPTURE(nodes);
      CAPTURE(zones);
      auto options = trees(nodes, nodes);
      options.zones = zones;
      broadcast_network net{options};
      settle(net);
      check_settled(net);
    }
}

TEST_CASE("in settled trees of 20 nodes a frame takes at most five hops") {
  auto options = trees(20);
  broadcast_network net{options};
  settle(net);
  auto hop = options.latency_near + options.commit;
  for (auto store : net.stores()) {
    auto what = net.write(store);
    net.run(5 * hop);
    CHECK(net.has_reached_all(what));
  }
}

TEST_CASE("while a tree settles, a node gets a frame over each of its eager "
          "links at most [B1]") {
  for (std::size_t nodes = 9; nodes <= 20; ++nodes) {
    broadcast_network net{trees(nodes)};
    auto arity = eager_arity(nodes);
    for (auto store : net.stores()) {
      auto what = net.write(store);
      net.run(500ms);
      CHECK(net.has_reached_all(what));
      CHECK(net.copies(what) <= nodes * arity);
    }
    for (auto& [store, node] : net.nodes())
      for (auto& [what, copies] : node.copies)
        CHECK(copies <= nodes - 1);
  }
}

TEST_CASE("with one in ten frames and messages lost every frame reaches all "
          "nodes within the graft timeout and two round trips from when its "
          "loss shows, and two beats from when it was written [B1]") {
  for (std::size_t nodes : {4, 8, 9, 12, 16, 20})
    for (std::uint64_t seed = 1; seed <= 4; ++seed) {
      CAPTURE(nodes);
      CAPTURE(seed);
      network_options options;
      options.nodes = nodes;
      options.seed = seed;
      options.loss_percent = 10;
      broadcast_network net{options};
      std::vector<network_write> writes;
      for (auto round = 0; round < 20; ++round)
        for (auto store : net.stores()) {
          writes.push_back(net.write(store));
          net.run(20ms);
        }
      net.run(15s);
      auto round_trip = 2 * options.latency_near;
      auto most = options.node.graft_timeout + 2 * round_trip;
      for (auto& what : writes) {
        REQUIRE(net.has_reached_all(what));
        for (auto& [store, node] : net.nodes()) {
          auto at = node.reached.at(what);
          CHECK(at - net.written(what)
                <= 2 * options.node.digest_interval + most);
          if (auto shown = node.shown.find(what); shown != node.shown.end())
            CHECK(at - shown->second <= most);
        }
      }
    }
}

TEST_CASE("whichever node goes, no root is left with nodes that its frames do "
          "not reach [B2]") {
  for (std::size_t nodes : {9, 10, 13, 17, 20}) {
    auto count = nodes;
    for (std::size_t gone = 0; gone < count; ++gone) {
      CAPTURE(nodes);
      CAPTURE(gone);
      broadcast_network net{trees(nodes, gone + 1)};
      settle(net);
      auto lost = net.stores()[gone];
      if (gone % 2 == 0)
        net.remove(lost);
      else
        net.take_down(lost);
      CHECK(settle(net) <= nodes);
      check_settled(net);
    }
  }
}

TEST_CASE("a node that joins gets all frames, and what was learnt before it "
          "came is kept") {
  for (std::size_t nodes : {9, 12, 16}) {
    CAPTURE(nodes);
    broadcast_network net{trees(nodes)};
    settle(net);
    auto learnt = [&](store_id newcomer) {
      std::map<std::pair<store_id, store_id>, std::set<store_id>> eager;
      for (auto& [store, node] : net.nodes())
        for (auto& [root, tree] : node.core->trees())
          if (store != newcomer) {
            auto& peers = eager[{store, root}] = tree.eager();
            peers.erase(newcomer);
          }
      return eager;
    };
    auto before = learnt({});
    auto& fresh = net.add_node();
    CHECK(learnt(fresh.store) == before);
    for (auto store : net.stores()) {
      auto what = net.write(store);
      net.run(300ms);
      CHECK(fresh.reached.contains(what));
    }
    settle(net);
    check_settled(net);
  }
}

TEST_CASE("a mesh that grows beyond eight becomes trees, and back") {
  network_options options;
  options.nodes = 8;
  broadcast_network net{options};
  check_settled(net);
  auto ninth = net.add_node().store;
  settle(net);
  check_settled(net);
  CHECK_FALSE(net.at(ninth).core->is_mesh());
  net.remove(ninth);
  check_settled(net);
  CHECK(net.nodes().begin()->second.core->is_mesh());
}

TEST_CASE("a peer whose link was full gets what was dropped as soon as it "
          "takes frames again") {
  network_options options;
  options.nodes = 3;
  options.node.metadata_queue_bytes_max = 10'000;
  broadcast_network net{options};
  auto stores = net.stores();
  net.stall(stores[2]);
  network_write last;
  for (auto n = 0; n < 1000; ++n)
    last = net.write(stores[0]);
  net.run(5s);
  CHECK(net.at(stores[0]).core->counters().frames_dropped > 900);
  CHECK_FALSE(net.has_reached_all(last));
  net.resume(stores[2]);
  net.run(options.node.graft_timeout + 20ms);
  CHECK(net.has_reached_all(last));
}

} // namespace broadcast_network_test
