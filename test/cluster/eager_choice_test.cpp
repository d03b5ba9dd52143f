#include "cluster/broadcast/eager_choice.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <map>
#include <random>
#include <set>

namespace eager_choice_test {

using namespace hetzel::cluster;
using namespace std::chrono_literals;

namespace {

std::vector<eager_candidate> equals(std::size_t nodes) {
  std::vector<eager_candidate> ring;
  for (std::size_t n = 0; n < nodes; ++n)
    ring.push_back({store_id{10 + n}, {}, ""});
  return ring;
}

using choices = std::map<store_id, std::vector<store_id>>;

/// Hops from a node to the one that is farthest away; 0 if one is out of
/// reach.
std::size_t depth(const choices& chosen, store_id root) {
  std::set<store_id> reached{root};
  std::vector<store_id> layer{root};
  std::size_t hops = 0;
  while (true) {
    std::vector<store_id> next;
    for (auto node : layer)
      for (auto peer : chosen.at(node))
        if (reached.insert(peer).second)
          next.push_back(peer);
    if (next.empty())
      return reached.size() == chosen.size() ? hops : 0;
    layer = next;
    ++hops;
  }
}

} // namespace

TEST_CASE("a node alone sends to nobody, and one of two to the other") {
  CHECK(choose_eager(equals(1), store_id{10}).empty());
  CHECK(choose_eager(equals(2), store_id{10})
        == std::vector{store_id{11}});
  CHECK(choose_eager(equals(2), store_id{11})
        == std::vector{store_id{10}});
}

TEST_CASE("nodes send to 1 of up to 4, 2 of up to 9, then about ln n + 1") {
  std::map<std::size_t, std::size_t> expected{
    {3, 1}, {4, 1}, {5, 2}, {9, 2}, {10, 3}, {12, 3}, {13, 4}, {20, 4},
    {33, 4}, {34, 5}};
  for (auto [nodes, arity] : expected) {
    CHECK(eager_arity(nodes) == arity);
    for (std::size_t n = 0; n < nodes; ++n)
      CHECK(choose_eager(equals(nodes), store_id{10 + n}).size() == arity);
  }
}

TEST_CASE("from each node all others are a few hops away") {
  for (std::size_t nodes = 2; nodes <= 60; ++nodes) {
    choices chosen;
    for (auto& node : equals(nodes))
      chosen[node.store] = choose_eager(equals(nodes), node.store);
    for (auto& [root, peers] : chosen) {
      auto hops = depth(chosen, root);
      CHECK(hops >= 1);
      CHECK(hops <= 5);
    }
  }
}

TEST_CASE("whatever round trips and zones are, no node is left out, none sends "
          "to itself, and each has one in another zone") {
  std::mt19937_64 random{1};
  for (auto run = 0; run < 2000; ++run) {
    auto all = equals(2 + random() % 30);
    for (auto& node : all)
      node.zone = std::string(random() % 4, 'z');
    choices chosen;
    for (auto& self : all) {
      auto ring = all;
      for (auto& node : ring)
        node.round_trip = std::chrono::microseconds{random() % 100'000};
      auto peers = choose_eager(ring, self.store);
      CHECK(std::is_sorted(peers.begin(), peers.end()));
      CHECK(std::set(peers.begin(), peers.end()).size() == peers.size());
      CHECK(std::find(peers.begin(), peers.end(), self.store) == peers.end());
      CHECK(peers.size() <= std::max<std::size_t>(2, eager_arity(all.size())));
      auto is_far = [&](const eager_candidate& c) {
        return !c.zone.empty() && !self.zone.empty() && c.zone != self.zone;
      };
      auto has_far = std::any_of(all.begin(), all.end(), [&](auto& c) {
        return is_far(c)
               && std::find(peers.begin(), peers.end(), c.store)
                    != peers.end();
      });
      CHECK(has_far == std::any_of(all.begin(), all.end(), is_far));
      chosen[self.store] = std::move(peers);
    }
    for (auto& node : all)
      CHECK(depth(chosen, node.store) >= 1);
  }
}

TEST_CASE("of the others those that answer soon are chosen first") {
  auto ring = equals(20);
  for (auto& node : ring)
    node.round_trip = 40ms;
  ring[3].round_trip = 1ms;
  ring[7].round_trip = 2ms;
  ring[12].round_trip = 5ms;
  CHECK(choose_eager(ring, store_id{10})
        == std::vector{store_id{11}, store_id{13}, store_id{17},
                       store_id{22}});
}

TEST_CASE("the last place goes to the nearest of another zone when all others "
          "are in the own one") {
  auto ring = equals(20);
  for (auto& node : ring)
    node.zone = "here";
  ring[8].zone = ring[15].zone = "there";
  ring[8].round_trip = 90ms;
  ring[15].round_trip = 30ms;
  auto peers = choose_eager(ring, store_id{10});
  CHECK(peers.size() == 4);
  CHECK(std::find(peers.begin(), peers.end(), store_id{25}) != peers.end());
  CHECK(std::find(peers.begin(), peers.end(), store_id{18}) == peers.end());
  CHECK(std::find(peers.begin(), peers.end(), store_id{11}) != peers.end());
}

TEST_CASE("round trips within a factor of two are about the same") {
  CHECK(round_trip_class(0us) == round_trip_class(900us));
  CHECK(round_trip_class(4ms) == round_trip_class(7900us));
  CHECK(round_trip_class(4ms) < round_trip_class(8ms));
  CHECK(round_trip_class(-5ms) == 0);
}

} // namespace eager_choice_test
