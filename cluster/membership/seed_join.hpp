#pragma once

#include "cluster/membership/membership_message.hpp"
#include "cluster/membership/steady_time.hpp"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <set>
#include <vector>

namespace hetzel::cluster {

/// Most seeds that are asked; more are left out.
inline constexpr std::size_t seeds_max = 64;

struct seed_join_options {
  /// Set on exactly one node of a new cluster, by a person: it may form one
  /// when no seed knows of any.
  bool may_form = false;
  /// Take the place of the store that has this node's name. For a node whose
  /// disk was lost.
  bool replaces_namesake = false;
  /// A seed that has not answered by then counts as out of reach.
  std::chrono::milliseconds answer_max = std::chrono::seconds{5};
  /// Between rounds; doubles up to the maximum, half of it at random.
  std::chrono::milliseconds retry_min = std::chrono::seconds{1};
  std::chrono::milliseconds retry_max = std::chrono::seconds{10};
  /// How often all seeds were asked in vain before a cluster is formed.
  std::uint32_t rounds_before_forming = 2;
};

class seed_join_sink {
public:
  virtual ~seed_join_sink() = default;

  /// Connect, greet, send the join request; report the answer, or that there
  /// is none.
  virtual void ask_seed(const endpoint& seed,
                        std::optional<store_id> replaces) = 0;
  /// No seed knows of a cluster, and this node may form one.
  virtual void form() = 0;
};

/// How an empty node finds its cluster: asks all seeds, again and again, until
/// one lets it in. That seeds cannot be reached is never a reason to form a
/// second cluster; nor is a flag, once any seed has named a cluster.
class seed_join {
public:
  /// `random` gives uniform 64 bits. The sink outlives this.
  seed_join(seed_join_options options, seed_join_sink& sink,
            std::function<std::uint64_t()> random);

  /// Begins the first round at once.
  void start(std::vector<endpoint> seeds, steady_time now);
  /// Names were resolved anew; from the next round on.
  void set_seeds(std::vector<endpoint> seeds);
  /// Somebody let this node in, or it formed a cluster: no more questions.
  void stop() noexcept { is_running_ = false; }

  void on_refused(const endpoint& seed, const join_refused& answer,
                  steady_time now);
  void on_unreachable(const endpoint& seed, steady_time now);
  /// Every 100 ms or so.
  void tick(steady_time now);

  [[nodiscard]] bool is_running() const noexcept { return is_running_; }
  /// What each seed said last; those that said nothing are missing.
  [[nodiscard]] const std::map<endpoint, join_refusal>&
  refusals() const noexcept {
    return refusals_;
  }
  /// Whether any seed ever named a cluster.
  [[nodiscard]] bool knows_a_cluster() const noexcept {
    return knows_a_cluster_;
  }

private:
  void begin_round(steady_time now);
  void end_round(steady_time now);
  void answered(const endpoint& seed, steady_time now);

  seed_join_options options_;
  seed_join_sink& sink_;
  std::function<std::uint64_t()> random_;
  std::vector<endpoint> seeds_;
  std::set<endpoint> open_;
  std::map<endpoint, join_refusal> refusals_;
  std::optional<store_id> replaces_;
  std::chrono::milliseconds pause_;
  /// Of the round when one goes on, else of the pause.
  steady_time deadline_;
  std::uint32_t rounds_ = 0;
  bool is_running_ = false;
  bool is_asking_ = false;
  bool knows_a_cluster_ = false;
};

} // namespace hetzel::cluster
