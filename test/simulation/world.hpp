#pragma once

#include "test/simulation/broadcast_transport.hpp"
#include "test/simulation/sim_node.hpp"
#include "test/simulation/transport.hpp"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <random>
#include <set>
#include <string>
#include <utility>
#include <vector>

namespace hetzel::test {

struct world_options {
  std::uint64_t seed = 1;
  std::size_t keys = 3;
  std::size_t nodes = 3;
  node_options node;
  /// Clocks of nodes differ by up to an hour.
  bool skewed = false;
  /// Do not level what only records know of after a retirement.
  bool skip_levelling = false;
  /// Keep what happened, for a person to read.
  bool records_history = false;
  /// Frames travel by broadcast cores; else from everybody to everybody.
  std::optional<core_options> cores;
};

/// Nodes, the network between them and the truth about them: everything that
/// can be done to them, one thing at a time, on one thread, in virtual time.
/// What is done is for others to choose (schedule.hpp, directed.hpp).
class world final : public surroundings, public transport_host {
public:
  explicit world(world_options options);

  // -- looking ----------------------------------------------------------------

  [[nodiscard]] std::vector<node_no> nodes() const;
  [[nodiscard]] sim_node& node(node_no number) { return *nodes_.at(number); }
  [[nodiscard]] bool has(node_no number) const {
    return nodes_.contains(number);
  }
  [[nodiscard]] const std::vector<std::string>& keys() const { return keys_; }
  [[nodiscard]] transport& frames() noexcept { return *frames_; }
  [[nodiscard]] sync_links& links() noexcept { return links_; }
  [[nodiscard]] const std::vector<std::string>& history() const noexcept {
    return history_;
  }
  [[nodiscard]] std::mt19937_64& random() noexcept { return random_; }
  [[nodiscard]] std::size_t below(std::size_t n) {
    return static_cast<std::size_t>(random_() % n);
  }
  /// Checks every node that was touched since the last time.
  void check();
  void check(node_no number) { node(number).check(); }

  // -- time and network -------------------------------------------------------

  void pass(std::chrono::milliseconds time) { now_ += time; }
  void deliver_frame(std::size_t index, bool stays);
  void deliver_sync(std::size_t link, bool stays = false);
  /// Delivers all messages of pulls and commits until there are none.
  void settle_pulls();
  void deliver_message(std::size_t index);
  void cut(node_no from, node_no to);
  void heal();
  [[nodiscard]] bool is_cut(node_no from, node_no to) const override {
    return cuts_.contains({from, to});
  }
  /// What broadcast cores have counted; nothing in a run without.
  [[nodiscard]] cluster::broadcast_counters counted() const {
    return frames_->counted();
  }
  [[nodiscard]] bool has_cores() const { return options_.cores.has_value(); }

  // -- nodes ------------------------------------------------------------------

  /// A newcomer that somebody lets in.
  node_no add_node();
  /// The node is gone with its disk; `witness` removes it from the members.
  void remove_node(node_no number, node_no witness);
  void gossip(node_no from, node_no to);
  void touch(node_no number) { touched_.insert(number); }

  /// Makes a pull from beginning to end, first of dots, of everything if the
  /// floor demands it.
  void pull(node_no number, node_no peer, cluster::pull_mode mode);

  // -- the end of a run -------------------------------------------------------

  /// Heals everything, lets the nodes catch up, and checks what must hold
  /// then (R5, R6, R7, R14, R16).
  void come_to_rest();

  // -- surroundings -----------------------------------------------------------

  oracle& truth() override { return truth_; }
  [[nodiscard]] cluster::moment now() const override;
  void broadcast(node_no from, std::string bytes) override;
  void send(node_no from, cluster::store_id to, std::string bytes,
            std::shared_ptr<const shadow> meaning) override;
  cluster::actor_id fresh_actor() override {
    return cluster::actor_id{++actors_};
  }
  event_set& loose() override { return loose_; }
  cluster::version_vector& ever_stable(cluster::store_id store) override {
    return ever_stable_[store];
  }
  void say(node_no who, const std::function<std::string()>& what) override;
  [[nodiscard]] std::map<node_no, sim_node*> running() override;
  void on_started(node_no who) override { frames_->on_started(who); }
  void on_members(node_no who) override { frames_->on_members(who); }
  void on_new_frame(const letter& frame, cluster::store_id root) override {
    frames_->on_new(frame, root);
  }
  void on_known_frame(const letter& frame, cluster::store_id root) override {
    frames_->on_known(frame, root);
  }
  void on_pull_ended(node_no who, cluster::pull_outcome how) override {
    frames_->on_pull_ended(who, how == cluster::pull_outcome::done);
  }

private:
  [[nodiscard]] std::optional<node_no> node_of(cluster::store_id store) const;
  void settle_by_digests();
  [[nodiscard]] std::map<std::string, event_set> surviving() const;
  void agree_on_members();
  void pull_all(cluster::pull_mode mode);
  void retire_actors();
  void collect_all();
  void check_at_rest(const std::map<std::string, event_set>& surviving);

  world_options options_;
  std::mt19937_64 random_;
  std::vector<std::string> keys_;
  std::unique_ptr<transport> frames_;
  sync_links links_;
  std::set<std::pair<node_no, node_no>> cuts_;
  oracle truth_;
  event_set loose_;
  std::map<cluster::store_id, cluster::version_vector> ever_stable_;
  std::chrono::milliseconds now_{0};
  std::uint64_t actors_ = 0;
  std::uint64_t stores_ = 0;
  node_no next_node_ = 0;
  std::set<node_no> touched_;
  std::vector<std::string> history_;
  // Last, for they use all of the above.
  std::map<node_no, std::unique_ptr<sim_node>> nodes_;
};

} // namespace hetzel::test
