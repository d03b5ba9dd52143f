#include "cluster/membership/phi_detector.hpp"

#include <algorithm>
#include <utility>

namespace hetzel::cluster {

void phi_detector::set_peers(const std::vector<store_id>& peers,
                             steady_time) {
  std::erase_if(peers_, [&peers](auto& entry) {
    return std::find(peers.begin(), peers.end(), entry.first) == peers.end();
  });
  for (auto peer : peers)
    peers_.try_emplace(peer, options_);
}

void phi_detector::on_beat(store_id peer, steady_time now) {
  auto found = peers_.find(peer);
  if (found == peers_.end())
    return;
  auto& view = found->second;
  auto at = pace_.at(now);
  if (view.beat)
    view.window.add(at - *view.beat);
  view.beat = at;
  on_heard(peer, now);
}

void phi_detector::on_heard(store_id peer, steady_time now) {
  auto found = peers_.find(peer);
  // A link that was lost has to come up first: this is from before.
  if (found != peers_.end() && !found->second.reset)
    revive(peer, found->second, now);
}

void phi_detector::on_echo(store_id peer, std::uint64_t, steady_time now) {
  on_heard(peer, now);
}

void phi_detector::on_probe_request(store_id from, store_id target,
                                    std::uint64_t number, steady_time now) {
  if (peers_.contains(from) && peers_.contains(target)
      && relay_.add(target, {from, number, pace_.at(now)}))
    sink_.beat(target, ++beats_);
}

void phi_detector::on_link_up(store_id peer, steady_time now) {
  auto found = peers_.find(peer);
  if (found == peers_.end())
    return;
  auto& view = found->second;
  view.reset.reset();
  view.beat.reset();
  revive(peer, view, now);
}

void phi_detector::on_link_reset(store_id peer, steady_time now) {
  auto found = peers_.find(peer);
  if (found == peers_.end() || found->second.reset)
    return;
  auto& view = found->second;
  view.reset = pace_.at(now);
  if (view.opinion == reach::reachable)
    set(peer, view, reach::suspect);
}

void phi_detector::tick(steady_time now, std::chrono::milliseconds lag) {
  pace_.tick(now, lag);
  if (!next_beat_)
    next_beat_ = pace_.elapsed();
  if (pace_.elapsed() >= *next_beat_) {
    // From now on, not from when it was due: a late one is not made up for.
    next_beat_ = pace_.elapsed() + options_.heartbeat;
    ++beats_;
    for (auto& [peer, view] : peers_)
      sink_.beat(peer, beats_);
  }
  relay_.expire(pace_.elapsed());
  for (auto& [peer, view] : peers_)
    if (view.opinion != reach::unreachable)
      set(peer, view, judge(view));
}

reach phi_detector::reach_of(store_id peer) const {
  auto found = peers_.find(peer);
  return found == peers_.end() ? reach::unreachable : found->second.opinion;
}

std::set<store_id> phi_detector::reachable() const {
  std::set<store_id> stores;
  for (auto& [peer, view] : peers_)
    if (view.opinion != reach::unreachable)
      stores.insert(stores.end(), peer);
  return stores;
}

double phi_detector::phi_of(store_id peer) const {
  auto found = peers_.find(peer);
  return found == peers_.end()
           ? 0
           : found->second.window.phi(silence_ms(found->second));
}

void phi_detector::revive(store_id peer, peer_view& view, steady_time now) {
  view.heard = pace_.at(now);
  for (auto& request : relay_.take(peer))
    sink_.answer_probe(request.from, peer, request.number);
  // What came before an outage says nothing about what comes after it.
  if (view.opinion == reach::unreachable)
    view.window.clear();
  set(peer, view, reach::reachable);
}

void phi_detector::set(store_id peer, peer_view& view, reach opinion) {
  if (std::exchange(view.opinion, opinion) != opinion)
    sink_.on_reach(peer, opinion);
}

double phi_detector::silence_ms(const peer_view& view) const {
  // As if no time were stretched, so that one scale fits all.
  auto silence = static_cast<double>((pace_.elapsed() - view.heard).count());
  return silence / pace_.stretch();
}

reach phi_detector::judge(const peer_view& view) const {
  auto silence = silence_ms(view);
  auto at_least = [](double ms, duration limit) {
    return ms >= static_cast<double>(limit.count());
  };
  if (view.reset) {
    auto lost = static_cast<double>((pace_.elapsed() - *view.reset).count());
    return at_least(lost / pace_.stretch(), options_.unreachable_silence)
             ? reach::unreachable
             : reach::suspect;
  }
  auto phi = view.window.phi(silence);
  if (at_least(silence, options_.silence_max)
      || (phi >= options_.unreachable_phi
          && at_least(silence, options_.unreachable_silence)))
    return reach::unreachable;
  if (phi >= options_.suspect_phi
      || at_least(silence, options_.suspect_silence))
    return reach::suspect;
  return reach::reachable;
}

} // namespace hetzel::cluster
