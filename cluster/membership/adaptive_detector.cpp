#include "cluster/membership/adaptive_detector.hpp"

#include "cluster/membership/phi_detector.hpp"
#include "cluster/membership/swim_detector.hpp"

#include <algorithm>
#include <utility>

namespace hetzel::cluster {

adaptive_detector::adaptive_detector(detector_options options,
                                     detector_sink& sink,
                                     std::function<std::uint64_t()> random)
  : options_(options),
    sink_(sink),
    random_(std::move(random)),
    inner_(std::make_unique<phi_detector>(
      options_, static_cast<detector_sink&>(*this))) {}

void adaptive_detector::set_peers(const std::vector<store_id>& peers,
                                  steady_time now) {
  auto is_gone = [&peers](store_id store) {
    return std::find(peers.begin(), peers.end(), store) == peers.end();
  };
  std::erase_if(opinions_, [&](auto& entry) { return is_gone(entry.first); });
  std::erase_if(reset_, is_gone);
  auto members = peers.size() + 1;
  auto is_large = is_probing_
                    ? members > options_.probe_above - options_.probe_above / 4
                    : members > options_.probe_above;
  if (is_large != is_probing_)
    replace(peers, now);
  else
    inner_->set_peers(peers, now);
}

void adaptive_detector::replace(const std::vector<store_id>& peers,
                                steady_time now) {
  is_probing_ = !is_probing_;
  detector_sink& self = *this;
  if (is_probing_)
    inner_ = std::make_unique<swim_detector>(options_, self, random_);
  else
    inner_ = std::make_unique<phi_detector>(options_, self);
  inner_->set_peers(peers, now);
  auto known = opinions_;
  for (auto& [peer, opinion] : known) {
    if (opinion == reach::unreachable)
      continue;
    inner_->on_link_up(peer, now);
    if (reset_.contains(peer))
      inner_->on_link_reset(peer, now);
  }
}

void adaptive_detector::on_link_up(store_id peer, steady_time now) {
  reset_.erase(peer);
  inner_->on_link_up(peer, now);
}

void adaptive_detector::on_link_reset(store_id peer, steady_time now) {
  reset_.insert(peer);
  inner_->on_link_reset(peer, now);
}

void adaptive_detector::on_reach(store_id peer, reach now) {
  auto [at, is_new] = opinions_.try_emplace(peer, reach::unreachable);
  if (std::exchange(at->second, now) != now)
    sink_.on_reach(peer, now);
}

} // namespace hetzel::cluster
