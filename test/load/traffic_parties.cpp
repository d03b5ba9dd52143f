#include "test/load/traffic_parties.hpp"

#include <algorithm>
#include <cmath>
#include <utility>

namespace hetzel::test::load {

namespace {

// Outlives any run, and ends what a run that broke off leaves behind.
constexpr std::uint32_t session_expiry_seconds = 3600;

} // namespace

traffic_parties::traffic_parties(fleet& threads, const options& chosen,
                                 traffic_plan plan, bool is_closed_loop)
  : fleet_(threads),
    options_(chosen),
    plan_(std::move(plan)),
    check_(chosen.size, chosen.verify_filler) {
  make_publishers();
  make_subscribers(is_closed_loop);
  make_silent();
}

void traffic_parties::make_publishers() {
  for (std::uint32_t i = 0; i < plan_.publishers.size(); ++i) {
    publishers_.push_back(std::make_unique<publisher>(
      fleet_.loop(i), fleet_.connects(i), fleet_.client_named("pub", i),
      publisher_settings{i, plan_.publishers[i].topic_name, options_.size,
                         options_.quality, false, options_.window}));
    publishers_.back()->set_adds_up(plan_.is_shared);
    if (plan_.is_shared)
      arrivals_.push_back(std::make_unique<arrival_map>());
  }
  for (std::size_t n = 0; n < fleet_.loop_count(); ++n) {
    fleet_.loop(n).set_on_wake([this, n] {
      for (auto i = n; i < publishers_.size(); i += fleet_.loop_count())
        publishers_[i]->take_progress();
    });
  }
}

void traffic_parties::make_subscribers(bool is_closed_loop) {
  progress_.resize(fleet_.loop_count() * publishers_.size());
  for (std::size_t i = 0; i < plan_.subscribers.size(); ++i) {
    const auto& part = plan_.subscribers[i];
    auto one = std::make_unique<subscriber>(
      fleet_.loop(i), fleet_.connects(i), fleet_.client_named("sub", i),
      subscriber_settings{part.topic_filter, options_.quality,
                          part.publisher_first},
      check_);
    for (std::uint32_t n = 0; n < part.publisher_count; ++n) {
      const auto source = part.publisher_first + n;
      delivery_track track;
      if (is_closed_loop)
        track.progress = progress_of(fleet_.loop(i).index(), source);
      if (plan_.is_shared)
        track.arrivals = arrivals_[source].get();
      one->follow(std::move(track));
    }
    subscribers_.push_back(std::move(one));
  }
}

void traffic_parties::make_silent() {
  for (std::size_t i = 0; i < options_.silent; ++i)
    silent_.push_back(std::make_unique<silent_subscriber>(
      fleet_.loop(i), fleet_.connects(i), fleet_.client_named("silent", i),
      options_.topic_prefix + "/#", options_.quality));
}

delivery_progress* traffic_parties::progress_of(std::size_t loop,
                                                std::uint32_t source) {
  auto& place = progress_[loop * publishers_.size() + source];
  if (!place) {
    place = std::make_unique<delivery_progress>(
      fleet_.loop(loop), *publishers_[source], listeners_in(loop, source),
      options_.window);
    publishers_[source]->follow(*place);
  }
  return place.get();
}

std::uint32_t traffic_parties::listeners_in(std::size_t loop,
                                            std::uint32_t source) const {
  std::uint32_t count = 0;
  if (plan_.is_shared)
    return count;
  for (auto i = loop; i < plan_.subscribers.size(); i += fleet_.loop_count()) {
    const auto& one = plan_.subscribers[i];
    count += source - one.publisher_first < one.publisher_count ? 1 : 0;
  }
  return count;
}

void traffic_parties::keep_sessions() {
  for (auto& one : subscribers_) {
    auto& settings = one->connection().settings();
    settings.clean_start = false;
    settings.session_expiry_seconds = session_expiry_seconds;
  }
}

void traffic_parties::end_sessions(report& found) {
  fleet_.call_for(subscribers_, [](subscriber& one) {
    one.close();
    one.connection().settings().clean_start = true;
    one.connection().settings().session_expiry_seconds = 0;
  });
  connect(subscribers_, found);
}

std::string traffic_parties::failure() const {
  const auto why = first_failure(publishers_);
  return why.empty() ? first_failure(subscribers_) : why;
}

void traffic_parties::close_all() {
  fleet_.call_for(publishers_, [](publisher& one) { one.close(); });
  fleet_.call_for(subscribers_, [](subscriber& one) { one.close(); });
  fleet_.call_for(silent_, [](silent_subscriber& one) { one.close(); });
}

void traffic_parties::judge(report& found) const {
  judge_publishers(found);
  judge_deliveries(found);
  if (!silent_.empty())
    report_silent(found);
  if (plan_.is_shared)
    report_distribution(found);
}

void traffic_parties::judge_publishers(report& found) const {
  std::uint64_t sent = 0;
  std::uint64_t refused = 0;
  std::uint64_t disorder = 0;
  for (const auto& one : publishers_) {
    sent += one->sent();
    refused += one->refused();
    disorder += one->acks_out_of_order();
  }
  found.add("sent", static_cast<double>(sent));
  found.forbid("messages refused", refused);
  found.forbid("PUBACKs out of order", disorder);
}

void traffic_parties::judge_deliveries(report& found) const {
  std::uint64_t received = 0;
  std::uint64_t lost = 0;
  std::uint64_t late = 0;
  std::uint64_t duplicates = 0;
  std::uint64_t foreign = 0;
  for (std::size_t i = 0; i < subscribers_.size(); ++i) {
    const auto& one = *subscribers_[i];
    received += one.received();
    foreign += one.foreign();
    duplicates += one.shared_duplicates();
    auto source = plan_.subscribers[i].publisher_first;
    for (const auto& track : one.tracks()) {
      const auto sent = publishers_[source++]->sent();
      late += track.sequence.late();
      if (plan_.is_shared)
        continue;
      lost += track.sequence.lost(sent);
      duplicates += track.sequence.duplicates();
    }
  }
  for (std::size_t i = 0; i < arrivals_.size(); ++i)
    lost += arrivals_[i]->missing(publishers_[i]->sent());
  found.add("received", static_cast<double>(received));
  found.add("lost", static_cast<double>(lost));
  found.add("duplicates", static_cast<double>(duplicates));
  found.add("out_of_order", static_cast<double>(late));
  found.forbid("foreign or damaged messages", foreign);
  if (options_.quality != mqtt::qos::at_most_once)
    found.forbid("messages lost", lost);
  if (options_.quality != mqtt::qos::at_least_once)
    found.forbid("duplicates", duplicates);
  // A share group is not an Ordered Topic [MQTT-4.6.0-6].
  if (!plan_.is_shared)
    found.forbid("messages out of order", late);
}

void traffic_parties::report_silent(report& found) const {
  const auto closed = std::count_if(
    silent_.begin(), silent_.end(),
    [](const auto& one) { return one->was_closed(); });
  found.add("silent", static_cast<double>(silent_.size()));
  found.add("silent_closed_by_server", static_cast<double>(closed));
}

void traffic_parties::report_distribution(report& found) const {
  double least = static_cast<double>(subscribers_.front()->received());
  double most = least;
  double sum = 0;
  double squares = 0;
  for (const auto& one : subscribers_) {
    const auto count = static_cast<double>(one->received());
    least = std::min(least, count);
    most = std::max(most, count);
    sum += count;
    squares += count * count;
  }
  const auto members = static_cast<double>(subscribers_.size());
  const auto mean = sum / members;
  const auto variance = std::max(0.0, squares / members - mean * mean);
  found.add("member_share_mean", mean);
  found.add("member_share_min", least);
  found.add("member_share_max", most);
  found.add("member_share_deviation", std::sqrt(variance));
}

} // namespace hetzel::test::load
