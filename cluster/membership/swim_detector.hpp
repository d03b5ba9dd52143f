#pragma once

#include "cluster/membership/failure_detector.hpp"
#include "cluster/membership/own_pace.hpp"
#include "cluster/membership/probe_relay.hpp"

#include <functional>
#include <map>
#include <optional>
#include <vector>

namespace hetzel::cluster {

/// Probes of one peer each period, so that a node's cost does not go with the
/// size of the cluster. All peers take their turn in an order that is shuffled
/// anew each round. Who does not answer is probed through others; is suspect at
/// the end of the period, and probed in every period from then on; and is
/// unreachable when it was silent for `suspicion_periods` of them. Whom another
/// member does not vouch for is not given up, but probed next: nobody has to be
/// defended against a rumour.
///
/// A peer that falls silent is unreachable within (peers + 1 + suspicion)
/// periods even if nobody mentions it; among 40 nodes that talk, for all of
/// them within 20.
class swim_detector final : public failure_detector {
public:
  /// `random` gives uniform 64 bits. The sink outlives this.
  swim_detector(detector_options options, detector_sink& sink,
                std::function<std::uint64_t()> random);

  void set_peers(const std::vector<store_id>& peers, steady_time now) override;
  void on_beat(store_id peer, steady_time now) override;
  void on_heard(store_id peer, steady_time now) override;
  void on_echo(store_id peer, std::uint64_t number, steady_time now) override;
  void on_probe_request(store_id from, store_id target, std::uint64_t number,
                        steady_time now) override;
  void on_probe_answer(store_id target, std::uint64_t number,
                       steady_time now) override;
  void on_hearsay(store_id peer, steady_time now) override;
  void on_link_up(store_id peer, steady_time now) override;
  void on_link_reset(store_id peer, steady_time now) override;
  void tick(steady_time now, std::chrono::milliseconds lag) override;

  [[nodiscard]] reach reach_of(store_id peer) const override;
  [[nodiscard]] std::set<store_id> reachable() const override;
  /// Without suspects that were silent for a period more.
  [[nodiscard]] std::set<store_id> undoubted() const override;

private:
  using duration = std::chrono::milliseconds;

  struct peer_view {
    reach opinion = reach::unreachable;
    /// The probe that goes on; 0: none.
    std::uint64_t probe = 0;
    bool has_asked_others = false;
    /// Probed in vain, one period after the other.
    std::uint32_t silent_periods = 0;
    bool is_urgent = false;
    std::optional<duration> reset;
  };

  void begin_period();
  void end_period();
  void probe(store_id peer, peer_view& view);
  void ask_others(store_id target, peer_view& view);
  [[nodiscard]] std::optional<store_id> next_in_turn();
  void check_resets();
  void revive(store_id peer, peer_view& view);
  void set(store_id peer, peer_view& view, reach opinion);
  [[nodiscard]] duration stretched(duration timeout) const noexcept;
  void shuffle(std::vector<store_id>& stores);

  detector_options options_;
  detector_sink& sink_;
  std::function<std::uint64_t()> random_;
  own_pace pace_;
  probe_relay relay_;
  std::map<store_id, peer_view> peers_;
  // Who is still to come in this round, the next one last.
  std::vector<store_id> round_;
  std::optional<duration> period_began_;
  std::uint64_t probes_ = 0;
};

} // namespace hetzel::cluster
