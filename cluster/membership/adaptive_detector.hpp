#pragma once

#include "cluster/membership/failure_detector.hpp"

#include <functional>
#include <map>
#include <memory>
#include <set>

namespace hetzel::cluster {

/// Heartbeats in a small cluster, probes in a large one (`probe_above`), and
/// the step from one to the other, in which nobody is accused. It goes back
/// only when a quarter below, so one member more or less does not swing it.
class adaptive_detector final : public failure_detector,
                                private detector_sink {
public:
  /// `random` gives uniform 64 bits. The sink outlives this.
  adaptive_detector(detector_options options, detector_sink& sink,
                    std::function<std::uint64_t()> random);

  void set_peers(const std::vector<store_id>& peers, steady_time now) override;
  void on_beat(store_id peer, steady_time now) override {
    inner_->on_beat(peer, now);
  }
  void on_heard(store_id peer, steady_time now) override {
    inner_->on_heard(peer, now);
  }
  void on_echo(store_id peer, std::uint64_t number,
               steady_time now) override {
    inner_->on_echo(peer, number, now);
  }
  void on_probe_request(store_id from, store_id target, std::uint64_t number,
                        steady_time now) override {
    inner_->on_probe_request(from, target, number, now);
  }
  void on_probe_answer(store_id target, std::uint64_t number,
                       steady_time now) override {
    inner_->on_probe_answer(target, number, now);
  }
  void on_hearsay(store_id peer, steady_time now) override {
    inner_->on_hearsay(peer, now);
  }
  void on_link_up(store_id peer, steady_time now) override;
  void on_link_reset(store_id peer, steady_time now) override;
  void tick(steady_time now, std::chrono::milliseconds lag) override {
    inner_->tick(now, lag);
  }

  [[nodiscard]] reach reach_of(store_id peer) const override {
    return inner_->reach_of(peer);
  }
  [[nodiscard]] std::set<store_id> reachable() const override {
    return inner_->reachable();
  }
  [[nodiscard]] std::set<store_id> undoubted() const override {
    return inner_->undoubted();
  }

  [[nodiscard]] bool is_probing() const noexcept { return is_probing_; }

private:
  void beat(store_id to, std::uint64_t number) override {
    sink_.beat(to, number);
  }
  void probe_through(store_id through, store_id target,
                     std::uint64_t number) override {
    sink_.probe_through(through, target, number);
  }
  void answer_probe(store_id to, store_id target,
                    std::uint64_t number) override {
    sink_.answer_probe(to, target, number);
  }
  void on_reach(store_id peer, reach now) override;

  void replace(const std::vector<store_id>& peers, steady_time now);

  detector_options options_;
  detector_sink& sink_;
  std::function<std::uint64_t()> random_;
  bool is_probing_ = false;
  std::unique_ptr<failure_detector> inner_;
  // What was said last, and whose link is down.
  std::map<store_id, reach> opinions_;
  std::set<store_id> reset_;
};

} // namespace hetzel::cluster
