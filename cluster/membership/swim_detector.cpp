#include "cluster/membership/swim_detector.hpp"

#include <algorithm>
#include <utility>

namespace hetzel::cluster {

swim_detector::swim_detector(detector_options options, detector_sink& sink,
                             std::function<std::uint64_t()> random)
  : options_(options),
    sink_(sink),
    random_(std::move(random)),
    pace_(options),
    relay_(options.probe_period) {}

void swim_detector::set_peers(const std::vector<store_id>& peers,
                              steady_time) {
  std::erase_if(peers_, [&peers](auto& entry) {
    return std::find(peers.begin(), peers.end(), entry.first) == peers.end();
  });
  // A newcomer comes next: there may be something to hear from it.
  for (auto peer : peers)
    if (auto [at, is_new] = peers_.try_emplace(peer); is_new)
      at->second.is_urgent = true;
}

// -- what is heard ------------------------------------------------------------

void swim_detector::on_beat(store_id peer, steady_time now) {
  on_heard(peer, now);
}

void swim_detector::on_heard(store_id peer, steady_time) {
  auto found = peers_.find(peer);
  // A link that was lost has to come up first: this is from before.
  if (found == peers_.end() || found->second.reset)
    return;
  revive(peer, found->second);
  for (auto& request : relay_.take(peer))
    sink_.answer_probe(request.from, peer, request.number);
}

void swim_detector::on_echo(store_id peer, std::uint64_t, steady_time now) {
  on_heard(peer, now);
}

void swim_detector::on_probe_request(store_id from, store_id target,
                                     std::uint64_t number, steady_time now) {
  if (peers_.contains(from) && peers_.contains(target)
      && relay_.add(target, {from, number, pace_.at(now)}))
    sink_.beat(target, ++probes_);
}

void swim_detector::on_probe_answer(store_id target, std::uint64_t number,
                                    steady_time) {
  auto found = peers_.find(target);
  // Of a probe that is over it says nothing about now; and whoever others can
  // reach is not reached from here without a link.
  if (found != peers_.end() && number != 0 && found->second.probe == number
      && !found->second.reset)
    revive(target, found->second);
}

void swim_detector::on_hearsay(store_id peer, steady_time) {
  auto found = peers_.find(peer);
  if (found != peers_.end() && found->second.opinion == reach::reachable)
    found->second.is_urgent = true;
}

void swim_detector::on_link_up(store_id peer, steady_time now) {
  auto found = peers_.find(peer);
  if (found == peers_.end())
    return;
  found->second.reset.reset();
  on_heard(peer, now);
}

void swim_detector::on_link_reset(store_id peer, steady_time now) {
  auto found = peers_.find(peer);
  if (found == peers_.end() || found->second.reset)
    return;
  auto& view = found->second;
  view.reset = pace_.at(now);
  if (view.opinion == reach::reachable)
    set(peer, view, reach::suspect);
}

// -- periods ------------------------------------------------------------------

void swim_detector::tick(steady_time now, std::chrono::milliseconds lag) {
  pace_.tick(now, lag);
  relay_.expire(pace_.elapsed());
  check_resets();
  if (period_began_) {
    auto into = pace_.elapsed() - *period_began_;
    if (into >= stretched(options_.probe_answer_max))
      for (auto& [peer, view] : peers_)
        if (view.probe != 0 && !std::exchange(view.has_asked_others, true))
          ask_others(peer, view);
    if (into < stretched(options_.probe_period))
      return;
    end_period();
  }
  begin_period();
}

void swim_detector::begin_period() {
  period_began_ = pace_.elapsed();
  if (auto peer = next_in_turn())
    peers_.at(*peer).is_urgent = true;
  for (auto& [peer, view] : peers_)
    if (view.is_urgent || view.opinion == reach::suspect)
      probe(peer, view);
}

void swim_detector::end_period() {
  for (auto& [peer, view] : peers_) {
    if (std::exchange(view.probe, 0) == 0
        || view.opinion == reach::unreachable)
      continue;
    if (view.opinion == reach::reachable) {
      view.silent_periods = 0;
      set(peer, view, reach::suspect);
    } else if (++view.silent_periods >= options_.suspicion_periods) {
      set(peer, view, reach::unreachable);
    }
  }
}

void swim_detector::probe(store_id peer, peer_view& view) {
  view.probe = ++probes_;
  view.has_asked_others = false;
  view.is_urgent = false;
  sink_.beat(peer, view.probe);
}

void swim_detector::ask_others(store_id target, peer_view& view) {
  std::vector<store_id> others;
  for (auto& [peer, other] : peers_)
    if (peer != target && other.opinion == reach::reachable)
      others.push_back(peer);
  shuffle(others);
  others.resize(std::min(others.size(), options_.indirect_probes));
  for (auto through : others)
    sink_.probe_through(through, target, view.probe);
}

std::optional<store_id> swim_detector::next_in_turn() {
  if (round_.empty()) {
    for (auto& [peer, view] : peers_)
      round_.push_back(peer);
    shuffle(round_);
  }
  while (!round_.empty()) {
    auto peer = round_.back();
    round_.pop_back();
    if (peers_.contains(peer))
      return peer;
  }
  return std::nullopt;
}

void swim_detector::check_resets() {
  auto limit = stretched(options_.unreachable_silence);
  for (auto& [peer, view] : peers_)
    if (view.reset && pace_.elapsed() - *view.reset >= limit)
      set(peer, view, reach::unreachable);
}

reach swim_detector::reach_of(store_id peer) const {
  auto found = peers_.find(peer);
  return found == peers_.end() ? reach::unreachable : found->second.opinion;
}

std::set<store_id> swim_detector::reachable() const {
  std::set<store_id> stores;
  for (auto& [peer, view] : peers_)
    if (view.opinion != reach::unreachable)
      stores.insert(stores.end(), peer);
  return stores;
}

std::set<store_id> swim_detector::undoubted() const {
  auto stores = reachable();
  std::erase_if(stores, [this](store_id store) {
    return peers_.at(store).silent_periods != 0;
  });
  return stores;
}

void swim_detector::revive(store_id peer, peer_view& view) {
  view.probe = 0;
  view.silent_periods = 0;
  set(peer, view, reach::reachable);
}

void swim_detector::set(store_id peer, peer_view& view, reach opinion) {
  if (std::exchange(view.opinion, opinion) != opinion)
    sink_.on_reach(peer, opinion);
}

swim_detector::duration
swim_detector::stretched(duration timeout) const noexcept {
  return duration{static_cast<duration::rep>(
    static_cast<double>(timeout.count()) * pace_.stretch())};
}

void swim_detector::shuffle(std::vector<store_id>& stores) {
  // Of our own: that of the library is not the same everywhere.
  for (auto left = stores.size(); left > 1; --left)
    std::swap(stores[left - 1], stores[random_() % left]);
}

} // namespace hetzel::cluster
