#pragma once

#include "cluster/broadcast/broadcast_codec.hpp"
#include "test/cluster/network_node.hpp"

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <random>
#include <set>
#include <string>
#include <utility>
#include <vector>

namespace hetzel::test {

/// Broadcast cores over clocks alone: what a node has is which writes reached
/// it, and a pull unites two clocks. Virtual time, one seed, one thread.
class broadcast_network final : network_links {
public:
  using time_point = cluster::broadcast::time_point;
  using milliseconds = std::chrono::milliseconds;

  explicit broadcast_network(network_options options)
    : options_(options), random_(options.seed) {
    for (std::size_t n = 0; n < options_.nodes; ++n)
      add_node();
  }

  // -- what can be done ------------------------------------------------------

  /// A node that all others know and are linked with.
  network_node& add_node() {
    auto store = cluster::store_id{(++stores_) * 7919 % 1009};
    auto& made = nodes_[store];
    made.net = this;
    made.store = store;
    made.zone = "zone " + std::to_string(stores_ % options_.zones);
    made.reports.resize(options_.shards);
    auto options = options_.node;
    options.store = store;
    made.core = std::make_unique<cluster::broadcast>(
      options, made, made, std::mt19937_64{random_()}, now());
    tell_members();
    for (auto& [other, peer] : nodes_)
      if (other != store) {
        link(made, peer);
        link(peer, made);
      }
    return made;
  }

  /// Down for good; its links close.
  void take_down(cluster::store_id store) {
    nodes_.erase(store);
    for (auto& [other, peer] : nodes_)
      peer.core->on_link_down(store);
  }

  /// No member any more.
  void remove(cluster::store_id store) {
    take_down(store);
    tell_members();
  }

  /// Nothing that is sent to it leaves the link's queue any more, and the link
  /// stays up.
  void stall(cluster::store_id store) { stalled_[store]; }
  /// It takes what waits for it.
  void resume(cluster::store_id store) {
    auto held = std::move(stalled_[store]);
    stalled_.erase(store);
    for (auto& go : held)
      go();
  }

  network_write write(cluster::store_id root, unsigned shard = 0) {
    auto& origin = nodes_.at(root);
    network_write what{root, cluster::shard_no{
                               static_cast<std::uint8_t>(shard)}, 0};
    what.counter = ++counters_[{root, what.shard}];
    written_[what] = now();
    add(origin, what);
    commit(origin, what);
    origin.core->on_local(
      std::make_shared<const std::string>(what.encode(options_.padding)));
    return what;
  }

  /// Lets time pass.
  void run(milliseconds time) {
    auto end = now_ + time;
    while (true) {
      auto first = events_.begin();
      auto next = first == events_.end() ? end : first->first.first;
      for (auto& [store, peer] : nodes_)
        next = std::min(next, peer.core->next_tick());
      if (next >= end)
        break;
      now_ = std::max(now_, next);
      for (auto& [store, peer] : nodes_)
        if (peer.core->next_tick() <= now_)
          peer.core->tick(now_);
      while (!events_.empty() && events_.begin()->first.first <= now_) {
        auto event = std::move(events_.begin()->second);
        events_.erase(events_.begin());
        event();
      }
    }
    now_ = end;
  }

  // -- looking ---------------------------------------------------------------

  [[nodiscard]] time_point now() const noexcept { return now_; }
  [[nodiscard]] std::map<cluster::store_id, network_node>& nodes() {
    return nodes_;
  }
  [[nodiscard]] network_node& at(cluster::store_id store) {
    return nodes_.at(store);
  }
  [[nodiscard]] std::vector<cluster::store_id> stores() const {
    std::vector<cluster::store_id> all;
    for (auto& [store, peer] : nodes_)
      all.push_back(store);
    return all;
  }
  [[nodiscard]] time_point written(const network_write& what) const {
    return written_.at(what);
  }
  [[nodiscard]] bool has_reached_all(const network_write& what) const {
    return std::all_of(nodes_.begin(), nodes_.end(), [&](auto& entry) {
      return entry.second.reached.contains(what);
    });
  }
  [[nodiscard]] std::size_t copies(const network_write& what) const {
    std::size_t sum = 0;
    for (auto& [store, peer] : nodes_)
      if (auto found = peer.copies.find(what); found != peer.copies.end())
        sum += found->second;
    return sum;
  }
  [[nodiscard]] std::size_t pulls() const {
    std::size_t sum = 0;
    for (auto& [store, peer] : nodes_)
      sum += peer.pulls;
    return sum;
  }

private:
  void tell_members() {
    std::vector<cluster::broadcast_member> members;
    for (auto& [store, peer] : nodes_)
      members.push_back({store, {}, cluster::member_state::up, peer.zone,
                         {network_write{store, {}, 0}.dot().actor}});
    for (auto& [store, peer] : nodes_)
      peer.core->set_members(members, members.size(), now());
  }

  [[nodiscard]] milliseconds latency(const network_node& a,
                                     const network_node& b) const {
    return a.zone == b.zone ? options_.latency_near : options_.latency_far;
  }

  void link(network_node& from, network_node& to) {
    from.core->on_link_up(to.store);
    auto round_trip = 2 * latency(from, to);
    from.core->on_round_trips(to.store, {round_trip, round_trip});
  }

  void later(milliseconds delay, std::function<void()> what) {
    events_.emplace(std::pair{now_ + delay, ++sequence_}, std::move(what));
  }

  void carry(network_node& from, cluster::store_id to,
             cluster::link_queue queue, cluster::shared_bytes bytes) override {
    auto source = from.store;
    auto is_lost = random_() % 100 < options_.loss_percent;
    auto target = nodes_.find(to);
    auto delay = target == nodes_.end() ? options_.latency_near
                                        : latency(from, target->second);
    auto go = [this, source, to, queue, bytes = std::move(bytes), is_lost] {
      auto sender = nodes_.find(source);
      if (sender != nodes_.end())
        sender->second.core->on_sent(to, queue, bytes->size());
      auto found = nodes_.find(to);
      if (found == nodes_.end() || is_lost)
        return;
      if (queue == cluster::link_queue::control)
        on_control(found->second, source, *bytes);
      else
        on_frame(found->second, source, bytes);
    };
    if (auto stalled = stalled_.find(to); stalled != stalled_.end())
      stalled->second.push_back(std::move(go));
    else
      later(delay, std::move(go));
  }

  void on_control(network_node& at, cluster::store_id from,
                  const std::string& bytes) {
    auto message = cluster::decode_broadcast(bytes);
    if (auto* told = std::get_if<cluster::digest>(&message.value()))
      for (auto& entry : told->entries)
        for (auto& gap : entry.clock.minus(at.report(entry.shard).known))
          for (auto& run : gap.runs)
            for (auto counter = run.first; counter <= run.last; ++counter)
              at.shown.try_emplace(
                network_write::of(entry.shard, gap.actor, counter), now_);
    (void) at.core->on_message(from, bytes, now_);
  }

  void on_frame(network_node& at, cluster::store_id from,
                const cluster::shared_bytes& bytes) {
    auto what = network_write::decode(*bytes);
    ++at.copies[what];
    if (at.report(what.shard).known.contains(what.dot()))
      return at.core->on_duplicate(from, what.root, now_);
    add(at, what);
    auto store = at.store;
    later(options_.commit, [this, store, from, what, bytes] {
      auto found = nodes_.find(store);
      if (found == nodes_.end())
        return;
      commit(found->second, what);
      found->second.core->on_new(from, what.root, bytes);
    });
  }

  void add(network_node& at, const network_write& what) {
    at.reports[static_cast<std::size_t>(what.shard)].known.add(what.dot());
    at.reached.try_emplace(what, now_);
  }

  static void commit(network_node& at, const network_write& what) {
    auto& report = at.reports[static_cast<std::size_t>(what.shard)];
    report.committed.add(what.dot());
    report.stable = report.committed.base();
  }

  bool pull(network_node& at, cluster::shard_no shard,
            cluster::store_id peer) override {
    if (!at.pulling.insert(shard).second)
      return false;
    ++at.pulls;
    auto found = nodes_.find(peer);
    auto delay = found == nodes_.end() ? milliseconds{3000}
                                       : latency(at, found->second);
    auto store = at.store;
    later(delay, [this, store, shard, peer, delay] {
      auto server = nodes_.find(peer);
      auto answer = server == nodes_.end()
                      ? cluster::node_clock{}
                      : server->second.report(shard).committed;
      later(delay, [this, store, shard, answer] {
        if (auto puller = nodes_.find(store); puller != nodes_.end())
          on_pulled(puller->second, shard, answer);
      });
    });
    return true;
  }

  void on_pulled(network_node& at, cluster::shard_no shard,
                 const cluster::node_clock& answer) {
    at.pulling.erase(shard);
    for (auto& gap : answer.minus(at.report(shard).known))
      for (auto& run : gap.runs)
        for (auto counter = run.first; counter <= run.last; ++counter) {
          auto what = network_write::of(shard, gap.actor, counter);
          add(at, what);
          commit(at, what);
        }
    at.core->on_pull_ended(shard, !answer.empty(), now_);
  }

  network_options options_;
  std::mt19937_64 random_;
  time_point now_{};
  std::uint64_t sequence_ = 0;
  std::uint64_t stores_ = 0;
  std::map<std::pair<time_point, std::uint64_t>, std::function<void()>>
    events_;
  std::map<cluster::store_id, std::vector<std::function<void()>>> stalled_;
  std::map<std::pair<cluster::store_id, cluster::shard_no>, std::uint64_t>
    counters_;
  std::map<network_write, time_point> written_;
  std::map<cluster::store_id, network_node> nodes_;
};

} // namespace hetzel::test
