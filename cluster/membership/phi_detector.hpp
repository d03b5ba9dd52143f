#pragma once

#include "cluster/membership/arrival_window.hpp"
#include "cluster/membership/failure_detector.hpp"
#include "cluster/membership/own_pace.hpp"
#include "cluster/membership/probe_relay.hpp"

#include <map>
#include <optional>

namespace hetzel::cluster {

/// Heartbeats from everybody to everybody, each judged by its own habits.
///
/// A peer that falls silent is unreachable after 3 s, or later if it was
/// irregular before, but within 10 s (times the stretch, if this node itself is
/// late). One whose beats are lost at 2 % and delayed by up to half a second is
/// not held for unreachable within days, even without its echoes.
class phi_detector final : public failure_detector {
public:
  /// The sink outlives this.
  phi_detector(detector_options options, detector_sink& sink)
    : options_(options), sink_(sink), pace_(options),
      relay_(options.probe_period) {}

  void set_peers(const std::vector<store_id>& peers, steady_time now) override;
  void on_beat(store_id peer, steady_time now) override;
  void on_heard(store_id peer, steady_time now) override;
  void on_echo(store_id peer, std::uint64_t number, steady_time now) override;
  void on_probe_request(store_id from, store_id target, std::uint64_t number,
                        steady_time now) override;
  void on_probe_answer(store_id, std::uint64_t, steady_time) override {}
  void on_hearsay(store_id, steady_time) override {}
  void on_link_up(store_id peer, steady_time now) override;
  void on_link_reset(store_id peer, steady_time now) override;
  void tick(steady_time now, std::chrono::milliseconds lag) override;

  [[nodiscard]] reach reach_of(store_id peer) const override;
  [[nodiscard]] std::set<store_id> reachable() const override;
  [[nodiscard]] std::set<store_id> undoubted() const override {
    return reachable();
  }

  /// How unusual the silence of the peer is; 0 of one that is not known.
  [[nodiscard]] double phi_of(store_id peer) const;

private:
  using duration = std::chrono::milliseconds;

  struct peer_view {
    explicit peer_view(const detector_options& options)
      : window(options.heartbeat, options.unreachable_silence) {}

    arrival_window window;
    reach opinion = reach::unreachable;
    // On the clock of the pace.
    duration heard{0};
    std::optional<duration> beat;
    std::optional<duration> reset;
  };

  void revive(store_id peer, peer_view& view, steady_time now);
  void set(store_id peer, peer_view& view, reach opinion);
  [[nodiscard]] reach judge(const peer_view& view) const;
  [[nodiscard]] double silence_ms(const peer_view& view) const;

  detector_options options_;
  detector_sink& sink_;
  own_pace pace_;
  probe_relay relay_;
  std::map<store_id, peer_view> peers_;
  std::optional<duration> next_beat_;
  std::uint64_t beats_ = 0;
};

} // namespace hetzel::cluster
