#include "cluster/broadcast/broadcast.hpp"

#include "test/cluster/broadcast_core.hpp"

#include <doctest/doctest.h>

#include <chrono>
#include <map>
#include <set>
#include <vector>

namespace broadcast_repair_test {

using namespace hetzel::cluster;
using namespace hetzel::test;
using namespace std::chrono_literals;

// -- digests ------------------------------------------------------------------

TEST_CASE("each peer gets a digest each second, of what changed, and each "
          "tenth of all") {
  one_core node{4};
  std::map<std::size_t, std::size_t> with_entries;
  for (auto beat = 1; beat <= 20; ++beat) {
    node.letters.clear();
    node.reports[1].committed.add(
      {actor(self), static_cast<std::uint64_t>(beat)});
    node.pass(1s);
    auto digests = node.messages<digest>();
    CHECK(digests.size() == 3);
    CHECK(digests[0].second.membership_version == 7);
    CHECK(digests[0].second.sender == generation{3});
    ++with_entries[digests[0].second.entries.size()];
  }
  // The very first went out when the link came up.
  CHECK(with_entries == std::map<std::size_t, std::size_t>{{1, 18}, {2, 2}});
}

TEST_CASE("a digest goes out once a second, however often the core looks at "
          "the time; after a pause there is one") {
  one_core node{2};
  for (auto n = 0; n < 100; ++n)
    node.pass(100ms);
  CHECK(node.messages<digest>().size() == 10);
  node.letters.clear();
  node.pass(1min);
  node.pass(100ms);
  CHECK(node.messages<digest>().size() <= 2);
}

TEST_CASE("a link that comes up begins with a whole digest") {
  one_core node{4};
  node.core->on_link_up(peer(3));
  auto digests = node.messages<digest>();
  REQUIRE(digests.size() == 1);
  CHECK(digests[0].first == peer(3));
  CHECK(digests[0].second.entries.size() == 2);
}

TEST_CASE("beyond sixteen nodes digests go to lazy peers and three others") {
  one_core node{17};
  node.core->on_local(some_frame());
  node.letters.clear();
  std::set<store_id> told;
  for (auto beat = 0; beat < 100; ++beat) {
    node.letters.clear();
    node.pass(1s);
    std::set<store_id> to;
    for (auto& [target, message] : node.messages<digest>())
      to.insert(target);
    CHECK(to.size() == 4);
    for (auto lazy : node.core->trees().at(self).lazy())
      CHECK(to.contains(lazy));
    told.insert(to.begin(), to.end());
  }
  CHECK(told.size() == 16);
}

TEST_CASE("what a member says it has on disk is passed on; no stable part "
          "means all of the base") {
  one_core node{4};
  digest told{7, generation{3}, {}};
  told.entries.push_back({shard_no{0}, {}, version_vector{{actor(peer(2)), 4}},
                          0});
  told.entries.push_back({shard_no{1}, {}, {}, 0});
  for (auto& entry : told.entries)
    entry.clock.add(actor(peer(2)), {1, 6});
  node.hear(peer(2), told);
  CHECK(node.rows[{shard_no{0}, peer(2)}]
        == version_vector{{actor(peer(2)), 4}});
  CHECK(node.rows[{shard_no{1}, peer(2)}]
        == version_vector{{actor(peer(2)), 6}});
}

TEST_CASE("another view of the members is reported") {
  one_core node{4};
  node.hear(peer(2), digest{7, generation{3}, {}});
  CHECK(node.others.empty());
  node.hear(peer(2), digest{8, generation{3}, {}});
  CHECK(node.others == std::map<store_id, std::uint64_t>{{peer(2), 8}});
}

TEST_CASE("digests of strangers, of processes that are no more and of shards "
          "that there are not tell nothing; one of a newer process does") {
  one_core node{4};
  node.hear_of(peer(9), shard_no{0}, {actor(peer(2)), 6});
  node.hear_of(peer(2), shard_no{0}, {actor(peer(2)), 6}, generation{2});
  node.hear_of(peer(2), shard_no{2}, {actor(peer(2)), 6});
  CHECK(node.core->lagging() == 0);
  CHECK(node.rows.empty());
  CHECK(node.core->counters().messages_refused == 2);
  node.hear_of(peer(2), shard_no{0}, {actor(peer(2)), 6}, generation{4});
  CHECK(node.core->lagging() == 1);
}

TEST_CASE("bytes that are no message are refused and change nothing") {
  one_core node{4};
  CHECK(node.core->on_message(peer(2), "what", node.now)
        == errc::unknown_version);
  CHECK(node.core->on_message(peer(2), "\1X", node.now) == errc::malformed);
  CHECK(node.core->counters().messages_refused == 2);
}

// -- repair -------------------------------------------------------------------

TEST_CASE("what a digest shows to be missing is grafted and pulled once the "
          "graft timeout is over") {
  one_core node{9};
  node.hear_of(peer(4), shard_no{1}, {actor(peer(7)), 6});
  node.pass(299ms);
  CHECK(node.pulls.empty());
  node.pass(1ms);
  CHECK(node.pulls == std::vector{std::pair{shard_no{1}, peer(4)}});
  CHECK(node.messages<graft>()
        == std::vector{std::pair{peer(4), graft{peer(7)}}});
  CHECK(node.core->counters().lags == 1);
}

TEST_CASE("a slow link is given three times the round trip that one in a "
          "hundred exceeds") {
  one_core node{9};
  node.core->on_round_trips(peer(4), {100ms, 500ms});
  node.hear_of(peer(4), shard_no{1}, {actor(peer(7)), 6});
  node.pass(1499ms);
  CHECK(node.pulls.empty());
  node.pass(1ms);
  CHECK(node.pulls.size() == 1);
}

TEST_CASE("in a mesh there is nothing to graft, but to pull") {
  one_core node{5};
  node.hear_of(peer(4), shard_no{1}, {actor(peer(3)), 6});
  node.pass(300ms);
  CHECK(node.pulls.size() == 1);
  CHECK(node.messages<graft>().empty());
}

TEST_CASE("a frame that arrives in time needs no pull") {
  one_core node{9};
  node.hear_of(peer(4), shard_no{1}, {actor(peer(7)), 1});
  node.reports[1].known.add({actor(peer(7)), 1});
  node.pass(300ms);
  CHECK(node.pulls.empty());
}

TEST_CASE("shards that lag together graft a root but once") {
  one_core node{9};
  node.hear_of(peer(4), shard_no{0}, {actor(peer(7)), 6});
  node.hear_of(peer(5), shard_no{1}, {actor(peer(7)), 6});
  node.pass(300ms);
  CHECK(node.pulls.size() == 2);
  CHECK(node.messages<graft>().size() == 1);
}

TEST_CASE("what a peer that is down now has shown is pulled from others only") {
  one_core node{9};
  node.hear_of(peer(4), shard_no{1}, {actor(peer(7)), 9});
  node.hear_of(peer(5), shard_no{1}, {actor(peer(7)), 6});
  node.core->on_link_down(peer(4));
  node.pass(300ms);
  CHECK(node.pulls == std::vector{std::pair{shard_no{1}, peer(5)}});
  node.core->on_link_down(peer(5));
  CHECK(node.core->lagging() == 0);
}

TEST_CASE("while a shard is pulled nothing is grafted for it; what is missing "
          "afterwards is, at once") {
  one_core node{9};
  node.is_pulling = true;
  node.hear_of(peer(4), shard_no{1}, {actor(peer(7)), 6});
  for (auto n = 0; n < 50; ++n)
    node.pass(100ms);
  CHECK(node.pulls.empty());
  CHECK(node.messages<graft>().empty());
  node.is_pulling = false;
  node.core->on_pull_ended(shard_no{1}, true, node.now);
  CHECK(node.core->next_tick() <= node.now);
  node.pass(0ms);
  CHECK(node.pulls.size() == 1);
  CHECK(node.messages<graft>().size() == 1);
}

TEST_CASE("after a pull that failed the next one waits for one to two graft "
          "timeouts, not always the same time: two nodes that are too busy for "
          "each other would meet again and again") {
  one_core node{9};
  node.hear_of(peer(4), shard_no{1}, {actor(peer(7)), 6});
  node.pass(300ms);
  std::set<std::chrono::milliseconds> waits;
  for (auto n = 1U; n <= 50; ++n) {
    REQUIRE(node.pulls.size() == n);
    node.core->on_pull_ended(shard_no{1}, false, node.now);
    auto wait = 0ms;
    for (; node.pulls.size() == n && wait < 700ms; wait += 1ms)
      node.pass(1ms);
    waits.insert(wait);
  }
  CHECK(*waits.begin() >= 300ms);
  CHECK(*waits.begin() < 350ms);
  CHECK(*waits.rbegin() <= 600ms);
  CHECK(*waits.rbegin() > 550ms);
}

TEST_CASE("a peer that was due while another pull went on has not had its "
          "turn: it is asked next") {
  one_core node{9};
  node.hear_of(peer(4), shard_no{1}, {actor(peer(7)), 6});
  node.hear_of(peer(5), shard_no{1}, {actor(peer(7)), 6});
  node.pass(300ms);
  REQUIRE(node.pulls.size() == 1);
  node.core->on_pull_ended(shard_no{1}, false, node.now);
  // Who runs the replica asks the first one for a range, in vain.
  node.is_pulling = true;
  node.pass(600ms);
  REQUIRE(node.pulls.size() == 1);
  node.is_pulling = false;
  node.core->on_pull_ended(shard_no{1}, false, node.now);
  node.pass(600ms);
  REQUIRE(node.pulls.size() == 2);
  CHECK(node.pulls[1].second != node.pulls[0].second);
}

TEST_CASE("events whose owner is not known are pulled; nobody knows which tree "
          "they belong to") {
  one_core node{9};
  node.hear_of(peer(4), shard_no{0}, {actor_id{5}, 6});
  node.hear_of(peer(4), shard_no{1}, {actor(self), 6});
  node.pass(300ms);
  CHECK(node.pulls.size() == 2);
  CHECK(node.messages<graft>().empty());
}

} // namespace broadcast_repair_test
