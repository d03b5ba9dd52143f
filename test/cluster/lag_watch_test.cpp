#include "cluster/broadcast/lag_watch.hpp"

#include <doctest/doctest.h>

#include <map>
#include <optional>
#include <random>
#include <set>
#include <vector>

namespace lag_watch_test {

using namespace hetzel::cluster;
using namespace std::chrono_literals;

namespace {

constexpr store_id p{1};
constexpr store_id q{2};
constexpr store_id r{3};
constexpr shard_no shard{4};
constexpr actor_id a{11};
constexpr actor_id b{12};

node_clock clock(std::uint64_t of_a, std::uint64_t of_b = 0) {
  node_clock made;
  if (of_a != 0)
    made.add(a, {1, of_a});
  if (of_b != 0)
    made.add(b, {1, of_b});
  return made;
}

struct watching {
  lag_watch watch;
  node_clock known;
  std::map<store_id, unsigned> costs;
  std::mt19937_64 random{1};
  lag_watch::time_point start{};

  void shows(store_id peer, const node_clock& theirs,
             std::chrono::milliseconds due) {
    watch.on_clock(shard, peer, theirs, known, start + due);
  }

  /// What is overdue then, and nobody is asked; rests for a second.
  std::vector<lag_watch::overdue> at(std::chrono::milliseconds now) {
    lag_watch::asked of{
      [&](shard_no) -> const node_clock& { return known; },
      [&](store_id peer) { return costs[peer]; }};
    return watch.expire(start + now, start + now + 1s, of, random);
  }

  /// Whom it asks then.
  std::optional<store_id> asks_at(std::chrono::milliseconds now) {
    auto due = at(now);
    if (due.empty())
      return std::nullopt;
    watch.on_asked(shard, due[0].peer);
    return due[0].peer;
  }
};

} // namespace

TEST_CASE("who has nothing new is no reason to wait for anything") {
  watching node;
  node.known = clock(5, 3);
  node.shows(p, clock(5), 300ms);
  CHECK(node.watch.size() == 0);
  CHECK_FALSE(node.watch.next().has_value());
}

TEST_CASE("a lag counts once it has lasted, and tells whose events are "
          "missing") {
  watching node;
  node.known = clock(5);
  node.shows(p, clock(6, 2), 300ms);
  CHECK(node.watch.next() == node.start + 300ms);
  CHECK(node.at(299ms).empty());
  auto due = node.at(300ms);
  REQUIRE(due.size() == 1);
  CHECK(due[0].shard == shard);
  CHECK(due[0].peer == p);
  CHECK(due[0].actors == std::vector{a, b});
}

TEST_CASE("a frame that was only late is not pulled") {
  watching node;
  node.shows(p, clock(6), 300ms);
  node.known = clock(6);
  CHECK(node.at(300ms).empty());
  CHECK(node.watch.size() == 0);
}

TEST_CASE("more digests do not put a lag off") {
  watching node;
  for (auto ms = 0; ms < 300; ms += 50)
    node.shows(p, clock(6 + static_cast<std::uint64_t>(ms)),
               300ms + ms * 1ms);
  CHECK(node.at(300ms).size() == 1);
}

TEST_CASE("another lag behind the same peer has its own time") {
  watching node;
  node.shows(p, clock(6), 300ms);
  node.known = clock(6);
  node.shows(p, clock(7), 500ms);
  CHECK(node.at(300ms).empty());
  CHECK(node.at(500ms).size() == 1);
}

TEST_CASE("a lag that goes on is pulled from another peer the next time") {
  watching node;
  node.costs[q] = 1;
  node.shows(p, clock(6), 300ms);
  node.shows(q, clock(6), 300ms);
  std::vector<std::optional<store_id>> asked;
  for (auto ms : {300ms, 1300ms, 2300ms, 3300ms}) {
    CHECK(node.at(ms - 1ms).empty());
    asked.push_back(node.asks_at(ms));
  }
  CHECK(asked == std::vector<std::optional<store_id>>{p, q, p, q});
}

TEST_CASE("who was chosen and not asked is chosen again, not who was asked "
          "before") {
  watching node;
  node.costs[q] = 1;
  node.shows(p, clock(6), 300ms);
  node.shows(q, clock(6), 300ms);
  CHECK(node.asks_at(300ms) == p);
  CHECK(node.at(1300ms).at(0).peer == q);
  CHECK(node.asks_at(2300ms) == q);
  CHECK(node.asks_at(3300ms) == p);
}

TEST_CASE("the peer that has the most is asked first, of equals the nearest, "
          "of those any") {
  watching node;
  node.costs[r] = 9;
  node.shows(p, clock(6), 0ms);
  node.shows(q, clock(6), 0ms);
  node.shows(r, clock(7), 0ms);
  CHECK(node.at(0ms).at(0).peer == r);

  std::set<store_id> chosen;
  for (auto n = 0U; n < 20; ++n) {
    watching other;
    other.random.seed(n);
    other.costs[r] = 9;
    for (auto peer : {p, q, r})
      other.shows(peer, clock(6), 0ms);
    chosen.insert(other.at(0ms).at(0).peer);
  }
  CHECK(chosen == std::set{p, q});
}

TEST_CASE("after a pull what others have and it did not bring is due at once") {
  watching node;
  node.shows(p, clock(9), 300ms);
  node.shows(q, clock(0, 1), 300ms);
  CHECK(node.at(300ms).at(0).peer == p);
  node.known = clock(9);
  CHECK(node.at(310ms).empty());
  node.watch.hasten(shard, node.start + 310ms);
  CHECK(node.at(310ms).at(0).peer == q);
}

TEST_CASE("a peer that is down is not asked") {
  watching node;
  node.shows(p, clock(9), 300ms);
  node.shows(q, clock(1), 300ms);
  node.watch.drop(p);
  CHECK(node.at(300ms).at(0).peer == q);
  node.watch.drop(q);
  CHECK(node.watch.size() == 0);
}

TEST_CASE("of a clock full of holes no more than some runs are kept") {
  watching node;
  node_clock holes;
  for (std::uint64_t n = 1; n <= 100'000; ++n)
    holes.add({a, 2 * n});
  node.shows(p, holes, 300ms);
  CHECK(node.at(300ms).size() == 1);
  for (std::uint64_t n = 1; n <= lag_watch::runs_max; ++n)
    node.known.add({a, 2 * n});
  CHECK(node.at(1300ms).empty());
}

TEST_CASE("a peer that claims counters at the end of the range is still but a "
          "peer that is ahead") {
  watching node;
  node_clock most;
  for (std::uint64_t n = 1; n <= 64; ++n)
    most.add(actor_id{n}, {1, counter_max});
  node.shows(p, most, 0ms);
  node.shows(q, clock(1), 0ms);
  CHECK(node.at(0ms).at(0).peer == p);
}

} // namespace lag_watch_test
