#include "cluster/broadcast/broadcast.hpp"

#include "test/cluster/broadcast_core.hpp"

#include <doctest/doctest.h>

#include <map>
#include <set>
#include <vector>

namespace broadcast_test {

using namespace hetzel::cluster;
using namespace hetzel::test;
using namespace std::chrono_literals;

// -- modes --------------------------------------------------------------------

TEST_CASE("with up to eight nodes frames go to everybody and are not passed "
          "on, with nine they go along trees") {
  one_core mesh{8};
  mesh.core->on_local(some_frame());
  CHECK(mesh.frame_targets().size() == 7);
  mesh.core->on_new(peer(2), peer(2), some_frame());
  CHECK(mesh.frame_targets().empty());
  one_core tree{9};
  tree.core->on_local(some_frame());
  CHECK(tree.frame_targets().size() == eager_arity(9));
}

TEST_CASE("an operator may choose a mesh or trees for any number of nodes") {
  one_core mesh{20, as(broadcast_mode::mesh)};
  mesh.core->on_local(some_frame());
  CHECK(mesh.frame_targets().size() == 19);
  one_core tree{4, as(broadcast_mode::tree)};
  tree.core->on_local(some_frame());
  CHECK(tree.frame_targets().size() == 1);
}

TEST_CASE("who cannot be reached does not change the mode: all agree on it") {
  one_core node{9};
  node.core->on_link_down(peer(5));
  CHECK_FALSE(node.core->is_mesh());
}

// -- frames in a tree ---------------------------------------------------------

TEST_CASE("a new frame is passed on as it came, and not back") {
  one_core node{20};
  auto bytes = some_frame();
  node.core->on_new(peer(9), peer(12), bytes);
  CHECK(node.letters.size() >= 3);
  for (auto& letter : node.letters) {
    CHECK(letter.bytes == bytes);
    CHECK(letter.to != peer(9));
    CHECK(letter.to != peer(12));
  }
  node.letters.clear();
  auto eager = *node.core->trees().at(peer(12)).eager().begin();
  node.core->on_new(eager, peer(12), bytes);
  CHECK_FALSE(node.frame_targets().contains(eager));
}

TEST_CASE("a peer whose frames are known is asked to send no more, and is sent "
          "none") {
  one_core node{20};
  node.core->on_local(some_frame());
  auto eager = *node.frame_targets().begin();
  node.core->on_duplicate(eager, self, node.now);
  CHECK(node.messages<prune>().empty());
  node.core->on_duplicate(eager, self, node.now);
  CHECK(node.messages<prune>()
        == std::vector{std::pair{eager, prune{self}}});
  node.core->on_local(some_frame());
  CHECK_FALSE(node.frame_targets().contains(eager));
  CHECK(node.core->counters().prunes_sent == 1);
}

TEST_CASE("a peer that is first now and then is not pruned") {
  one_core node{20};
  for (auto n = 0; n < 10; ++n) {
    node.core->on_duplicate(peer(4), peer(12), node.now);
    node.core->on_new(peer(4), peer(12), some_frame());
  }
  CHECK(node.messages<prune>().empty());
}

TEST_CASE("who prunes is sent no more frames of that root, who grafts is") {
  one_core node{20};
  node.core->on_local(some_frame());
  auto eager = *node.frame_targets().begin();
  node.hear(eager, prune{self});
  node.core->on_local(some_frame());
  CHECK_FALSE(node.frame_targets().contains(eager));
  node.core->on_new(peer(9), peer(12), some_frame());
  CHECK(node.frame_targets().contains(eager));
  node.hear(eager, graft{self});
  node.core->on_local(some_frame());
  CHECK(node.frame_targets().contains(eager));
}

TEST_CASE("in a mesh a prune changes nothing") {
  one_core node{5};
  node.hear(peer(2), prune{self});
  node.core->on_local(some_frame());
  CHECK(node.frame_targets().size() == 4);
  node.core->on_duplicate(peer(2), self, node.now);
  node.core->on_duplicate(peer(2), self, node.now);
  CHECK(node.messages<prune>().empty());
}

TEST_CASE("no tree is kept of a root that is no member, whoever asks for it") {
  one_core node{12};
  for (std::uint64_t n = 1000; n < 2000; ++n) {
    node.hear(peer(2), graft{store_id{n}});
    node.hear(peer(2), prune{store_id{n}});
    node.core->on_duplicate(peer(2), store_id{n}, node.now);
    node.core->on_new(peer(2), store_id{n}, some_frame());
  }
  CHECK(node.core->trees().empty());
  CHECK(node.letters.empty());
}

// -- members ------------------------------------------------------------------

TEST_CASE("a peer that is down or removed is in no tree and gets nothing") {
  one_core node{12};
  node.core->on_local(some_frame());
  auto eager = *node.frame_targets().begin();
  node.core->on_link_down(eager);
  node.core->on_local(some_frame());
  CHECK_FALSE(node.frame_targets().contains(eager));
  node.core->on_link_up(eager);
  node.know(12, eager);
  node.letters.clear();
  node.core->on_local(some_frame());
  node.pass(1s);
  for (auto& letter : node.letters)
    CHECK(letter.to != eager);
}

TEST_CASE("a link may come up before its peer is known to be a member") {
  one_core node{9};
  node.core->on_link_up(peer(10));
  CHECK(node.letters.empty());
  node.know(10);
  CHECK(node.messages<digest>().size() == 1);
}

TEST_CASE("who is linked and no member is sent nothing, and not believed") {
  for (auto mode : {broadcast_mode::mesh, broadcast_mode::tree}) {
    one_core node{3, as(mode)};
    node.core->on_link_up(peer(9));
    node.hear_of(peer(9), shard_no{0}, {actor(peer(2)), 6});
    node.core->on_local(some_frame());
    node.core->on_duplicate(peer(9), self, node.now);
    node.core->on_duplicate(peer(9), self, node.now);
    node.pass(2s);
    for (auto& letter : node.letters)
      CHECK(letter.to != peer(9));
    CHECK(node.pulls.empty());
    CHECK(node.core->counters().messages_refused == 1);
  }
}

TEST_CASE("a newcomer is sent the frames of all roots by those before it in "
          "the ring, and is lazy for the others") {
  auto eager_for = [](std::uint64_t fresh) {
    one_core node{20};
    node.core->on_link_down(peer(fresh));
    node.core->on_local(some_frame());
    node.core->on_new(peer(15), peer(15), some_frame());
    node.core->on_link_up(peer(fresh));
    std::vector<bool> eager;
    for (auto& [root, tree] : node.core->trees()) {
      CHECK(tree.eager().contains(peer(fresh))
            != tree.lazy().contains(peer(fresh)));
      eager.push_back(tree.eager().contains(peer(fresh)));
    }
    return eager;
  };
  CHECK(eager_for(2) == std::vector{true, true});
  CHECK(eager_for(12) == std::vector{false, false});
}

TEST_CASE("the tree of a removed root is dropped after an hour") {
  one_core node{12};
  node.core->on_new(peer(3), peer(5), some_frame());
  node.core->on_new(peer(3), peer(6), some_frame());
  node.know(12, peer(5));
  node.pass(1h - 1ms);
  CHECK(node.core->trees().size() == 2);
  node.pass(1ms);
  CHECK(node.core->trees().size() == 1);
  CHECK(node.core->trees().contains(peer(6)));
}

TEST_CASE("a root that is a member again keeps its tree") {
  one_core node{12};
  node.core->on_new(peer(3), peer(5), some_frame());
  node.know(12, peer(5));
  node.pass(30min);
  node.know(12);
  node.pass(2h);
  CHECK(node.core->trees().contains(peer(5)));
}

TEST_CASE("a node that is not among the members it knows sends to them all the "
          "same") {
  one_core node{12};
  node.know(12, self);
  node.core->on_local(some_frame());
  CHECK(node.frame_targets().size() == eager_arity(12));
}

TEST_CASE("a node without members sends nothing") {
  one_core node{1, as(broadcast_mode::tree)};
  node.core->on_local(some_frame());
  node.pass(5s);
  CHECK(node.letters.empty());
}

// -- limits -------------------------------------------------------------------

TEST_CASE("under a dead peer and a million writes a link's queues hold at most "
          "their bounds, and nothing else grows [R17]") {
  for (auto mode : {broadcast_mode::mesh, broadcast_mode::tree}) {
    one_core node{3, as(mode)};
    if (mode == broadcast_mode::tree)
      for (std::uint64_t n = 2; n <= 3; ++n)
        node.hear(peer(n), graft{self});
    std::map<link_queue, std::size_t> held;
    for (std::uint64_t n = 1; n <= 1'000'000; ++n) {
      node.reports[0].committed.add({actor(self), n});
      node.core->on_local(some_frame());
      if (n % 100 == 0)
        node.pass(10ms);
      for (auto& letter : std::exchange(node.letters, {}))
        if (letter.to == peer(2))
          node.core->on_sent(letter.to, letter.queue, letter.bytes->size());
        else
          held[letter.queue] += letter.bytes->size();
    }
    auto& counted = node.core->counters();
    auto fit = (std::size_t{16} << 20) / some_frame()->size();
    CHECK(held[link_queue::metadata] <= std::size_t{16} << 20);
    CHECK(held[link_queue::control] <= std::size_t{1} << 20);
    CHECK(counted.frames_originated == 1'000'000);
    CHECK(counted.frames_sent == 1'000'000 + fit);
    CHECK(counted.frames_dropped == 1'000'000 - fit);
    CHECK(node.core->trees().size() <= 1);
    CHECK(node.core->lagging() == 0);
  }
}

TEST_CASE("a peer for which frames were dropped is told what it lacks as soon "
          "as half of its queue is free") {
  broadcast_options options;
  options.metadata_queue_bytes_max = 1000;
  one_core node{3, options};
  for (auto n = 0; n < 11; ++n)
    node.core->on_local(some_frame());
  CHECK(node.core->counters().frames_dropped == 2);
  node.letters.clear();
  for (auto n = 0; n < 4; ++n)
    node.core->on_sent(peer(2), link_queue::metadata, 100);
  CHECK(node.letters.empty());
  node.core->on_sent(peer(2), link_queue::metadata, 100);
  CHECK(node.messages<digest>().size() == 1);
  node.core->on_sent(peer(2), link_queue::metadata, 100);
  CHECK(node.letters.size() == 1);
}

TEST_CASE("a link that comes up again has empty queues") {
  broadcast_options options;
  options.metadata_queue_bytes_max = 1000;
  one_core node{2, options};
  for (auto n = 0; n < 20; ++n)
    node.core->on_local(some_frame());
  node.core->on_link_down(peer(2));
  node.core->on_link_up(peer(2));
  node.letters.clear();
  node.core->on_local(some_frame());
  CHECK(node.frame_targets().size() == 1);
}

TEST_CASE("a link that comes up, seen to be down or not, has empty queues") {
  broadcast_options options;
  options.metadata_queue_bytes_max = 1000;
  one_core node{2, options};
  for (auto n = 0; n < 20; ++n)
    node.core->on_local(some_frame());
  node.core->on_link_up(peer(2));
  node.letters.clear();
  node.core->on_local(some_frame());
  CHECK(node.frame_targets().size() == 1);
}

TEST_CASE("digests that do not leave the queue do not pile up, and the next "
          "one tells of all that they would have told") {
  broadcast_options options;
  options.control_queue_bytes_max = 200;
  one_core node{2, options};
  for (auto beat = 0; beat < 100; ++beat) {
    node.reports[1].committed.add({actor(self), 1 + node.letters.size()});
    node.pass(1s);
  }
  std::size_t held = 0;
  for (auto& letter : node.letters)
    held += letter.bytes->size();
  CHECK(held <= 200);
  CHECK(node.core->counters().control_dropped > 90);
  node.core->on_sent(peer(2), link_queue::control, 200);
  node.letters.clear();
  node.pass(1s);
  auto digests = node.messages<digest>();
  REQUIRE(digests.size() == 1);
  CHECK_FALSE(digests[0].second.entries.empty());
}

TEST_CASE("the next tick is the next beat, or when a lag has lasted") {
  one_core node{9};
  auto beat = node.core->next_tick();
  CHECK(beat <= node.now + 1s);
  node.pass(beat - node.now + 0ms >= 0ms ? 1000ms : 0ms);
  node.hear_of(peer(4), shard_no{1}, {actor(peer(7)), 6});
  CHECK(node.core->next_tick() <= node.now + 300ms);
}

} // namespace broadcast_test
