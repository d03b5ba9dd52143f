#include "cluster/membership/adaptive_detector.hpp"
#include "cluster/membership/swim_detector.hpp"
#include "test/cluster/membership_fixture.hpp"

#include <doctest/doctest.h>

#include <functional>
#include <map>
#include <memory>
#include <set>
#include <utility>
#include <vector>

namespace swim_detector_test {

using namespace hetzel::cluster;
using namespace hetzel::test;
using std::chrono::milliseconds;

namespace {

/// Nodes 1 to n with a detector each, and a network with delays and losses in
/// virtual time. Every beat is echoed; what a node cannot reach is hearsay for
/// whoever hears from it.
class probing_network {
public:
  probing_network(std::uint64_t count, std::uint64_t seed) : random_(seed) {
    for (std::uint64_t n = 1; n <= count; ++n)
      nodes_[store_id{n}] = std::make_unique<node>(*this, store_id{n});
    for (auto& [own, one] : nodes_) {
      one->core.set_peers(others(own), now());
      for (auto other : others(own))
        one->core.on_link_up(other, now());
    }
  }

  [[nodiscard]] steady_time now() const { return at_ms(ms_); }

  void run(std::int64_t span) {
    for (auto end = ms_ + span; ms_ < end;) {
      ms_ += 100;
      while (!mail_.empty() && mail_.begin()->first <= ms_) {
        auto deliver = std::move(mail_.begin()->second);
        mail_.erase(mail_.begin());
        deliver();
      }
      for (auto& [own, one] : nodes_)
        if (!down.contains(own) && !paused.contains(own))
          one->core.tick(now(), milliseconds{0});
    }
  }

  [[nodiscard]] reach opinion(std::uint64_t of, std::uint64_t about) const {
    return nodes_.at(store_id{of})->core.reach_of(store_id{about});
  }

  /// How many nodes hold the peer for unreachable.
  [[nodiscard]] std::size_t accusers(std::uint64_t about) const {
    std::size_t count = 0;
    for (auto& [own, one] : nodes_)
      if (own != store_id{about} && !down.contains(own)
          && one->core.reach_of(store_id{about}) == reach::unreachable)
        ++count;
    return count;
  }

  [[nodiscard]] std::int64_t ms() const { return ms_; }

  std::set<store_id> down;
  std::set<store_id> paused;
  std::set<std::pair<store_id, store_id>> cut;
  std::uint64_t loss_percent = 0;
  std::size_t accusations = 0;
  std::uint64_t beats = 0;

private:
  struct node final : detector_sink {
    node(probing_network& in, store_id store)
      : network(in),
        own(store),
        core(detector_options{}, *this, [&in] { return in.random_(); }) {}

    void beat(store_id to, std::uint64_t number) override {
      ++network.beats;
      network.post(own, to, [this, number, from = own](node& peer) {
        peer.hear(*this);
        peer.core.on_beat(from, network.now());
        network.post(peer.own, from, [number, &peer](node& self) {
          self.hear(peer);
          self.core.on_echo(peer.own, number, self.network.now());
        });
      });
    }

    void probe_through(store_id through, store_id target,
                       std::uint64_t number) override {
      network.post(own, through, [this, target, number](node& peer) {
        peer.core.on_probe_request(own, target, number, network.now());
      });
    }

    void answer_probe(store_id to, store_id target,
                      std::uint64_t number) override {
      network.post(own, to, [this, target, number](node& peer) {
        peer.core.on_probe_answer(target, number, network.now());
      });
    }

    void on_reach(store_id, reach opinion) override {
      if (opinion == reach::unreachable)
        ++network.accusations;
    }

    void hear(const node& from) {
      auto theirs = from.core.undoubted();
      for (auto peer : core.reachable())
        if (peer != from.own && !theirs.contains(peer))
          core.on_hearsay(peer, network.now());
    }

    probing_network& network;
    store_id own;
    swim_detector core;
  };

  template <class Delivery>
  void post(store_id from, store_id to, Delivery delivery) {
    if (cut.contains({from, to}) || random_() % 100 < loss_percent)
      return;
    auto at = ms_ + static_cast<std::int64_t>(random_() % 50) + 1;
    auto* target = nodes_.at(to).get();
    mail_.emplace(at, [this, to, target, delivery] {
      deliver(to, [target, delivery] { delivery(*target); });
    });
  }

  void deliver(store_id to, std::function<void()> delivery) {
    // A process that stands still finds its mail when it goes on.
    if (paused.contains(to))
      mail_.emplace(ms_ + 100, [this, to, delivery] { deliver(to, delivery); });
    else if (!down.contains(to))
      delivery();
  }

  [[nodiscard]] std::vector<store_id> others(store_id own) const {
    std::vector<store_id> stores;
    for (auto& [store, one] : nodes_)
      if (store != own)
        stores.push_back(store);
    return stores;
  }

  std::mt19937_64 random_;
  std::int64_t ms_ = 1000000;
  std::map<store_id, std::unique_ptr<node>> nodes_;
  std::multimap<std::int64_t, std::function<void()>> mail_;
};

struct quiet_sink final : detector_sink {
  void beat(store_id to, std::uint64_t) override { beats.insert(to); }
  void probe_through(store_id, store_id, std::uint64_t) override {}
  void answer_probe(store_id, store_id, std::uint64_t) override {}
  void on_reach(store_id peer, reach opinion) override {
    history.emplace_back(peer, opinion);
  }

  std::multiset<store_id> beats;
  std::vector<std::pair<store_id, reach>> history;
};

std::vector<store_id> stores_up_to(std::uint64_t last) {
  std::vector<store_id> stores;
  for (std::uint64_t store = 2; store <= last; ++store)
    stores.push_back(store_id{store});
  return stores;
}

} // namespace

TEST_CASE("nodes that are alive are never unreachable, at 5 % loss either") {
  for (std::uint64_t seed = 1; seed <= 3; ++seed) {
    probing_network network{30, seed};
    network.loss_percent = 5;
    network.run(600000);
    CHECK(network.accusations == 0);
  }
}

TEST_CASE("probing costs a node about one beat a second, however many they "
          "are") {
  for (std::uint64_t count : {20, 60}) {
    probing_network network{count, 1};
    network.run(10000);
    network.beats = 0;
    network.run(100000);
    CHECK(network.beats >= count * 95);
    CHECK(network.beats <= count * 105);
  }
}

TEST_CASE("a node that dies is unreachable for all within twenty seconds") {
  for (std::uint64_t seed = 1; seed <= 10; ++seed) {
    probing_network network{40, seed};
    network.run(30000);
    network.down.insert(store_id{7});
    auto died = network.ms();
    while (network.accusers(7) < 39 && network.ms() < died + 60000)
      network.run(100);
    CHECK(network.ms() - died <= 20000);
    CHECK(network.accusations == 39);
  }
}

TEST_CASE("a suspect gets at least five periods to answer") {
  probing_network network{20, 3};
  network.run(30000);
  network.down.insert(store_id{7});
  network.run(5000);
  CHECK(network.accusers(7) == 0);
  network.down.clear();
  network.run(30000);
  CHECK(network.accusations == 0);
}

TEST_CASE("a node that comes back is reachable again for all") {
  probing_network network{20, 5};
  network.down.insert(store_id{7});
  network.run(60000);
  CHECK(network.accusers(7) == 19);
  network.down.clear();
  network.run(45000);
  CHECK(network.accusers(7) == 0);
}

TEST_CASE("a silent way between two is made up for through others") {
  probing_network network{20, 6};
  network.cut.insert({store_id{1}, store_id{2}});
  network.run(200000);
  CHECK(network.accusations == 0);
}

TEST_CASE("a process that stood still accuses nobody when it goes on") {
  for (std::uint64_t seed = 1; seed <= 10; ++seed) {
    probing_network network{20, seed};
    network.run(20000);
    network.paused.insert(store_id{1});
    network.run(30000);
    auto of_others = network.accusations;
    CHECK(of_others > 0);
    network.paused.clear();
    network.run(60000);
    CHECK(network.accusations == of_others);
    CHECK(network.accusers(1) == 0);
  }
}

TEST_CASE("with probes too a lost link is unreachable after 3 s") {
  quiet_sink sink;
  std::uint64_t random = 0;
  swim_detector core{{}, sink, [&random] { return random++; }};
  core.set_peers(stores_up_to(20), at_ms(0));
  std::int64_t ms = 0;
  auto run = [&](std::int64_t span) {
    for (auto end = ms + span; ms < end;) {
      core.tick(at_ms(ms += 100), milliseconds{0});
      for (std::uint64_t peer = 3; peer <= 20; ++peer)
        core.on_heard(store_id{peer}, at_ms(ms));
    }
  };
  core.on_link_up(store_id{2}, at_ms(0));
  run(100);
  core.on_link_reset(store_id{2}, at_ms(ms));
  CHECK(core.reach_of(store_id{2}) == reach::suspect);
  run(2900);
  CHECK(core.reach_of(store_id{2}) == reach::suspect);
  core.on_heard(store_id{2}, at_ms(ms));
  run(200);
  CHECK(core.reach_of(store_id{2}) == reach::unreachable);
  core.on_link_up(store_id{2}, at_ms(ms));
  CHECK(core.reach_of(store_id{2}) == reach::reachable);
}

TEST_CASE("above sixteen nodes peers are probed, below thirteen they are not, "
          "and the change accuses nobody") {
  quiet_sink sink;
  std::uint64_t random = 0;
  adaptive_detector core{{}, sink, [&random] { return random++; }};
  core.set_peers(stores_up_to(16), at_ms(0));
  CHECK(!core.is_probing());
  for (auto peer : stores_up_to(15))
    core.on_link_up(peer, at_ms(0));
  core.on_link_reset(store_id{3}, at_ms(0));
  sink.history.clear();
  core.set_peers(stores_up_to(17), at_ms(100));
  CHECK(core.is_probing());
  CHECK(core.reach_of(store_id{2}) == reach::reachable);
  CHECK(core.reach_of(store_id{3}) == reach::suspect);
  CHECK(core.reach_of(store_id{16}) == reach::unreachable);
  core.set_peers(stores_up_to(13), at_ms(200));
  CHECK(core.is_probing());
  core.set_peers(stores_up_to(12), at_ms(300));
  CHECK(!core.is_probing());
  CHECK(core.reachable().size() == 11);
  for (auto& [peer, opinion] : sink.history)
    CHECK(opinion != reach::unreachable);
}

TEST_CASE("a small cluster beats to all, a large one to some") {
  quiet_sink sink;
  std::uint64_t random = 0;
  adaptive_detector core{{}, sink, [&random] { return random++; }};
  core.set_peers(stores_up_to(10), at_ms(0));
  for (int i = 0; i <= 20; ++i)
    core.tick(at_ms(100 * i), milliseconds{0});
  CHECK(sink.beats.size() == 9 * 5);
  core.set_peers(stores_up_to(40), at_ms(2000));
  for (auto peer : stores_up_to(40))
    core.on_link_up(peer, at_ms(2000));
  // Newcomers are probed first.
  for (int i = 21; i <= 40; ++i)
    core.tick(at_ms(100 * i), milliseconds{0});
  sink.beats.clear();
  for (auto peer : stores_up_to(40))
    core.on_heard(peer, at_ms(4000));
  core.tick(at_ms(4500), milliseconds{0});
  CHECK(sink.beats.size() <= 2);
}

} // namespace swim_detector_test
