#include "cluster/membership/seed_join.hpp"

#include <algorithm>
#include <utility>

namespace hetzel::cluster {

seed_join::seed_join(seed_join_options options, seed_join_sink& sink,
                     std::function<std::uint64_t()> random)
  : options_(options),
    sink_(sink),
    random_(std::move(random)),
    pause_(options.retry_min) {}

void seed_join::start(std::vector<endpoint> seeds, steady_time now) {
  set_seeds(std::move(seeds));
  is_running_ = true;
  rounds_ = 0;
  pause_ = options_.retry_min;
  begin_round(now);
}

void seed_join::set_seeds(std::vector<endpoint> seeds) {
  std::sort(seeds.begin(), seeds.end());
  seeds.erase(std::unique(seeds.begin(), seeds.end()), seeds.end());
  if (seeds.size() > seeds_max)
    seeds.resize(seeds_max);
  seeds_ = std::move(seeds);
}

void seed_join::begin_round(steady_time now) {
  open_ = {seeds_.begin(), seeds_.end()};
  refusals_.clear();
  deadline_ = now + options_.answer_max;
  is_asking_ = true;
  // The seeds may answer from within, so the round is complete before.
  for (auto& seed : seeds_)
    if (is_running_)
      sink_.ask_seed(seed, replaces_);
}

void seed_join::end_round(steady_time now) {
  open_.clear();
  is_asking_ = false;
  ++rounds_;
  if (options_.may_form && !knows_a_cluster_
      && rounds_ >= options_.rounds_before_forming) {
    is_running_ = false;
    sink_.form();
    return;
  }
  auto half = static_cast<std::uint64_t>(pause_.count() / 2);
  deadline_ = now + pause_
              - std::chrono::milliseconds{half == 0 ? 0 : random_() % half};
  pause_ = std::min(pause_ * 2, options_.retry_max);
}

void seed_join::answered(const endpoint& seed, steady_time now) {
  if (is_running_ && open_.erase(seed) != 0 && open_.empty())
    end_round(now);
}

void seed_join::on_refused(const endpoint& seed, const join_refused& answer,
                           steady_time now) {
  if (!is_running_)
    return;
  refusals_[seed] = answer.why;
  knows_a_cluster_ = knows_a_cluster_ || !answer.cluster.is_none();
  if (answer.why == join_refusal::name_taken && options_.replaces_namesake)
    replaces_ = answer.holder;
  answered(seed, now);
}

void seed_join::on_unreachable(const endpoint& seed, steady_time now) {
  answered(seed, now);
}

void seed_join::tick(steady_time now) {
  if (!is_running_ || now < deadline_)
    return;
  if (is_asking_)
    end_round(now);
  else
    begin_round(now);
}

} // namespace hetzel::cluster
