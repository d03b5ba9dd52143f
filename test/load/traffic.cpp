#include "test/load/fleet.hpp"
#include "test/load/scenarios.hpp"
#include "test/load/traffic_parties.hpp"

#include <limits>

namespace hetzel::test::load {

namespace {

using clock = std::chrono::steady_clock;
using seconds = std::chrono::duration<double>;

constexpr auto unlimited = std::numeric_limits<std::uint32_t>::max();

/// The numbers of one moment.
struct snapshot {
  clock::time_point at;
  fleet_totals totals;
  std::optional<server_usage> usage;
  std::chrono::nanoseconds tool_cpu{0};
};

class traffic_run {
public:
  explicit traffic_run(const options& chosen)
    : options_(chosen),
      fleet_(chosen),
      parties_(fleet_, chosen, plan_traffic(chosen),
               chosen.kind != scenario::rate) {
    if (chosen.is_persistent)
      parties_.keep_sessions();
  }

  report run() {
    idle_ = fleet_.usage();
    fleet_.start();
    if (parties_.connect(parties_.subscribers(), found_)
        && parties_.connect(parties_.silent(), found_)
        && parties_.connect(parties_.publishers(), found_)) {
      release();
      measure();
      drain();
      if (options_.is_persistent)
        parties_.end_sessions(found_);
    }
    parties_.close_all();
    fleet_.stop();
    parties_.judge(found_);
    add_measures();
    return std::move(found_);
  }

private:
  void release() {
    if (options_.kind == scenario::rate)
      return start_pacers();
    const auto count = options_.messages.value_or(unlimited);
    fleet_.call_for(parties_.publishers(),
                    [count](publisher& one) { one.release(count); });
  }

  void start_pacers();
  event_loop::pacer pacer_of(std::vector<publisher*> own, clock::time_point);

  void measure() {
    const auto warm_up = seconds{options_.warm_up_seconds};
    wait_until(warm_up, [this] { return has_stopped(); });
    fleet_.call_each([](event_loop& one) {
      one.latencies().clear();
      one.ack_latencies().clear();
    });
    begin_ = take_snapshot();
    const auto limit
      = options_.messages ? seconds{1e9} : seconds{options_.seconds};
    const auto end = clock::now() + limit;
    const auto is_moving = wait_while_moving(
      seconds{options_.timeout_seconds},
      [&] { return clock::now() >= end || is_complete() || has_stopped(); },
      [this] { return fleet_.totals().received; });
    end_ = take_snapshot();
    fleet_.call_each([this](event_loop& one) {
      latencies_.merge(one.latencies());
      ack_latencies_.merge(one.ack_latencies());
    });
    if (!is_moving)
      found_.violate("stalled: no message came any more");
  }

  /// Lets everything that left arrive.
  void drain() {
    fleet_.call_each([](event_loop& one) { one.set_pacer({}); });
    fleet_.call_for(parties_.publishers(), [](publisher& one) { one.stop(); });
    wait_while_moving(
      seconds{options_.timeout_seconds},
      [this] { return is_drained() || has_stopped(); },
      [this] { return moved(fleet_.totals()); });
    if (const auto why = parties_.failure(); !why.empty())
      found_.violate(why);
  }

  [[nodiscard]] static std::uint64_t moved(const fleet_totals& totals) {
    return totals.received + totals.acknowledged;
  }

  [[nodiscard]] bool is_drained() const {
    const auto totals = fleet_.totals();
    return totals.received
             >= totals.sent * parties_.plan().deliveries_per_message
           && (options_.quality == mqtt::qos::at_most_once
               || totals.acknowledged >= totals.sent);
  }

  /// All that --messages asks for was sent and arrived.
  [[nodiscard]] bool is_complete() const {
    const std::uint64_t each = options_.messages.value_or(unlimited);
    return fleet_.totals().sent == each * parties_.plan().publishers.size()
           && is_drained();
  }

  [[nodiscard]] bool has_stopped() const {
    return fleet_.totals().failures != 0;
  }

  [[nodiscard]] snapshot take_snapshot() const {
    return {clock::now(), fleet_.totals(), fleet_.usage(), own_cpu()};
  }

  void add_measures();

  const options& options_;
  fleet fleet_;
  traffic_parties parties_;
  report found_;
  std::optional<server_usage> idle_;
  snapshot begin_;
  snapshot end_;
  histogram latencies_;
  histogram ack_latencies_;
};

void traffic_run::start_pacers() {
  // A moment ahead, so that no publisher starts with a backlog.
  const auto start = clock::now() + std::chrono::milliseconds{10};
  fleet_.call_each([&](event_loop& one) {
    std::vector<publisher*> own;
    for (std::size_t i = one.index(); i < parties_.publishers().size();
         i += fleet_.loop_count())
      own.push_back(parties_.publishers()[i].get());
    if (!own.empty())
      one.set_pacer(pacer_of(std::move(own), start));
  });
}

event_loop::pacer traffic_run::pacer_of(std::vector<publisher*> own,
                                        clock::time_point start) {
  // Of each publisher; the loop's own rhythm divides it among them.
  const auto interval_ns
    = 1e9 * static_cast<double>(parties_.publishers().size()) / options_.rate;
  const auto gap_ns = interval_ns / static_cast<double>(own.size());
  const auto due_at = [start, gap_ns](std::uint64_t number) {
    return start
           + std::chrono::nanoseconds{
             static_cast<std::int64_t>(gap_ns * static_cast<double>(number))};
  };
  for (std::size_t i = 0; i < own.size(); ++i)
    own[i]->set_schedule(due_at(i), interval_ns);
  const auto total = options_.messages
                       ? std::uint64_t{*options_.messages} * own.size()
                       : std::numeric_limits<std::uint64_t>::max();
  return [own = std::move(own), due_at, total,
          number = std::uint64_t{0}](clock::time_point now) mutable {
    while (number < total && due_at(number) <= now)
      own[number++ % own.size()]->release_one();
    return number < total ? due_at(number) : clock::time_point::max();
  };
}

void traffic_run::add_measures() {
  const auto spent = seconds{end_.at - begin_.at}.count();
  if (spent <= 0)
    return;
  const auto sent = static_cast<double>(end_.totals.sent - begin_.totals.sent);
  const auto received
    = static_cast<double>(end_.totals.received - begin_.totals.received);
  found_.add("seconds", spent);
  found_.add("sent_msgs_per_s", sent / spent);
  found_.add("throughput_msgs_per_s", received / spent);
  found_.add("throughput_mb_per_s",
             received * static_cast<double>(options_.size) / spent / 1e6);
  found_.add_latencies("latency", latencies_);
  found_.add_latencies("ack", ack_latencies_);
  found_.add_cpu("message", begin_.usage, end_.usage, received);
  if (begin_.usage && end_.usage)
    found_.add("server_cores",
               seconds{end_.usage->cpu - begin_.usage->cpu}.count() / spent);
  const auto tool_us = std::chrono::duration<double, std::micro>{
    end_.tool_cpu - begin_.tool_cpu};
  if (received > 0)
    found_.add("tool_cpu_us_per_message", tool_us.count() / received);
  found_.add_memory(idle_, end_.usage, 0);
}

} // namespace

report run_traffic(const options& chosen) {
  return traffic_run{chosen}.run();
}

} // namespace hetzel::test::load
