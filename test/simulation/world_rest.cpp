#include "cluster/swc/retirement.hpp"
#include "test/simulation/world.hpp"

#include <algorithm>

namespace hetzel::test {

using namespace cluster;

std::map<std::string, event_set> world::surviving() const {
  std::map<std::string, event_set> all;
  for (auto& [number, node] : nodes_)
    for (auto& [key, history] : node->histories())
      all[key].unite(history);
  return all;
}

void world::agree_on_members() {
  std::map<store_id, shard_member> all;
  for (auto& [number, node] : nodes_)
    for (auto& [store, member] : node->members()) {
      auto& known = all.try_emplace(store, member).first->second;
      known.state = std::max(known.state, member.state);
      known.newest = std::max(known.newest, member.newest);
    }
  for (auto& [store, member] : all) {
    auto is_alive = node_of(store).has_value();
    member.state = is_alive ? member_state::up : member_state::removed;
    for (auto& [number, node] : nodes_)
      node->set_member(member);
  }
}

void world::pull_all(pull_mode mode) {
  for (auto a : nodes())
    for (auto b : nodes())
      if (a != b)
        pull(a, b, mode);
}

/// Every actor that counts no more, polled at every node.
void world::retire_actors() {
  std::set<actor_id> retired;
  for (auto& [number, node] : nodes_) {
    auto& state = node->core().state();
    for (auto& column : state.clock())
      retired.insert(column.actor);
    for (auto& key : state.keys("", std::nullopt))
      for (auto& e : state.load(key).context)
        retired.insert(e.actor);
  }
  for (auto& [number, node] : nodes_)
    retired.erase(node->core().actor());
  void_set voids;
  auto needs_levelling = false;
  for (auto actor : retired) {
    std::vector<retired_column> answers;
    for (auto& [number, node] : nodes_) {
      node->core().close(actor);
      node->flush();
      answers.push_back(node->core().column_of(actor));
    }
    auto made = retire(answers);
    voids.unite(actor, made.voids);
    needs_levelling |= made.needs_levelling;
  }
  for (auto& [number, node] : nodes_) {
    node->core().add_voids(voids);
    touch(number);
  }
  if (needs_levelling && !options_.skip_levelling)
    pull_all(pull_mode::range);
}

void world::collect_all() {
  for (auto round = 0; round < 2; ++round) {
    for (auto& [number, node] : nodes_)
      node->sync();
    for (auto a : nodes())
      for (auto b : nodes())
        if (a != b)
          gossip(a, b);
    for (auto& [number, node] : nodes_) {
      while (node->core().collect())
        node->sync();
      node->sync();
      touch(number);
    }
  }
  check();
}

/// With nothing but what the broadcast cores do: frames that arrive, digests,
/// and the pulls they lead to. All is delivered, for two minutes: a pull that
/// hangs takes 30 s to end, and those that refuse each other meet a few times.
void world::settle_by_digests() {
  for (auto beat = 0; beat < 240; ++beat) {
    pass(std::chrono::milliseconds{500});
    for (auto number : nodes()) {
      auto& pulled = node(number);
      pulled.tick();
      // As who runs a replica does, before it pulls again.
      if (pulled.last_pull == pull_outcome::need_full)
        pulled.start_pull(pulled.last_peer(), pull_mode::range);
      frames_->tick(number);
    }
    while (frames_->size() + frames_->messages() + links_.size() != 0) {
      if (frames_->size() != 0)
        deliver_frame(below(frames_->size()), false);
      if (frames_->messages() != 0)
        deliver_message(below(frames_->messages()));
      settle_pulls();
    }
    check();
    auto& clock = nodes_.begin()->second->core().committed_clock();
    if (beat % 20 == 19
        && std::all_of(nodes_.begin(), nodes_.end(), [&](auto& entry) {
             return entry.second->core().committed_clock() == clock;
           }))
      return;
  }
  throw broken_rule("B2: digests do not bring all nodes together");
}

void world::come_to_rest() {
  say(0, [] { return "and all come to rest"; });
  heal();
  frames_->clear();
  links_.clear();
  agree_on_members();
  if (has_cores())
    settle_by_digests();
  for (auto& [number, node] : nodes_) {
    node->drop_servers();
    node->core().stop_pull();
    node->sync();
    touch(number);
  }
  // What those commits sent is lost too: pulls have to find it.
  frames_->clear();
  links_.clear();
  check();
  auto survivors = surviving();
  for (auto round = 0; round < 3; ++round)
    pull_all(pull_mode::dots);
  retire_actors();
  collect_all();
  check_at_rest(survivors);
}

void world::check_at_rest(const std::map<std::string, event_set>& survivors) {
  std::map<std::string, std::string> expected;
  auto& first = *nodes_.begin()->second;
  for (auto& [number, node] : nodes_) {
    node->check_garbage();
    if (node->visible() != first.visible())
      throw broken_rule("R5: nodes do not show the same");
    if (node->core().committed_clock() != first.core().committed_clock())
      throw broken_rule("R5: clocks differ at rest");
    for (auto& [key, events] : survivors) {
      auto live = node->core().record(key);
      auto due = truth_.visible(events);
      std::size_t count = 0;
      due.each([&](std::size_t e) {
        ++count;
        if (!live.find(truth_.at(e).id))
          throw broken_rule("R6: a write of " + key + " is lost: "
                            + to_string(truth_.at(e).id));
      });
      if (count != live.versions.size())
        throw broken_rule("R6: a deleted value of " + key + " came back");
    }
  }
  auto items = [this] {
    std::uint64_t pulled = 0;
    for (auto& [number, node] : nodes_)
      pulled += node->core().counters().items_pulled;
    return pulled;
  };
  auto before = items();
  pull_all(pull_mode::dots);
  if (items() != before)
    throw broken_rule("R14: pulls at rest move records");
}

} // namespace hetzel::test
