#include "test/load/fleet.hpp"
#include "test/load/scenarios.hpp"
#include "test/load/traffic_parties.hpp"

namespace hetzel::test::load {

namespace {

using clock = std::chrono::steady_clock;
using seconds = std::chrono::duration<double>;

class offline_run {
public:
  explicit offline_run(const options& chosen)
    : options_(chosen),
      fleet_(chosen),
      parties_(fleet_, chosen, plan_traffic(chosen), false) {
    parties_.keep_sessions();
  }

  report run() {
    fleet_.start();
    if (create_sessions() && fill() && drain())
      parties_.end_sessions(found_);
    if (const auto why = parties_.failure(); !why.empty())
      found_.violate(why);
    parties_.close_all();
    fleet_.stop();
    parties_.judge(found_);
    found_.add_latencies("queued", latencies_);
    return std::move(found_);
  }

private:
  bool create_sessions() {
    auto& sessions = parties_.subscribers();
    if (!parties_.connect(sessions, found_))
      return false;
    fleet_.call_for(sessions, [](subscriber& one) {
      one.close();
      one.set_subscribes(false);
    });
    return parties_.connect(parties_.publishers(), found_);
  }

  /// Publishes to the absent, as fast as the server acknowledges.
  bool fill() {
    const auto before = fleet_.usage();
    const auto start = clock::now();
    fleet_.call_for(parties_.publishers(), [this](publisher& one) {
      one.release(*options_.messages);
    });
    const auto is_done = wait_while_moving(
      seconds{options_.timeout_seconds},
      [this] {
        const auto totals = fleet_.totals();
        return totals.acknowledged >= expected() || totals.failures != 0;
      },
      [this] { return fleet_.totals().acknowledged; });
    const auto spent = seconds{clock::now() - start}.count();
    const auto after = fleet_.usage();
    if (!is_done)
      found_.violate("stalled: the server stopped acknowledging");
    add_rate("enqueue", "enqueued_message", spent, before, after);
    found_.add_memory(before, after, 0);
    if (before && after)
      found_.add("server_bytes_per_queued_message",
                 (static_cast<double>(after->pss_bytes)
                  - static_cast<double>(before->pss_bytes))
                   / static_cast<double>(expected()));
    return is_done;
  }

  bool drain() {
    const auto before = fleet_.usage();
    const auto start = clock::now();
    if (!parties_.connect(parties_.subscribers(), found_))
      return false;
    const auto is_done = wait_while_moving(
      seconds{options_.timeout_seconds},
      [this] {
        const auto totals = fleet_.totals();
        return totals.received >= expected() || totals.failures != 0;
      },
      [this] { return fleet_.totals().received; });
    const auto spent = seconds{clock::now() - start}.count();
    if (!is_done)
      found_.violate("stalled: the queues do not drain");
    add_rate("drain", "drained_message", spent, before, fleet_.usage());
    fleet_.call_each(
      [this](event_loop& one) { latencies_.merge(one.latencies()); });
    judge_resumption();
    return true;
  }

  /// 3.1 has no Session Present flag; there the messages are the evidence.
  void judge_resumption() {
    if (options_.version == mqtt::protocol_version::v3_1)
      return;
    std::uint64_t absent = 0;
    for (const auto& one : parties_.subscribers())
      absent += one->is_resumed() ? 0 : 1;
    found_.forbid("sessions not present", absent);
  }

  void add_rate(const std::string& what, const std::string& unit, double spent,
                const std::optional<server_usage>& before,
                const std::optional<server_usage>& after) {
    const auto count = static_cast<double>(expected());
    found_.add(what + "_seconds", spent);
    found_.add(what + "_msgs_per_s", count / spent);
    found_.add_cpu(unit, before, after, count);
  }

  [[nodiscard]] std::uint64_t expected() const {
    return std::uint64_t{*options_.messages} * options_.clients;
  }

  const options& options_;
  fleet fleet_;
  traffic_parties parties_;
  report found_;
  histogram latencies_;
};

} // namespace

report run_offline(const options& chosen) {
  return offline_run{chosen}.run();
}

} // namespace hetzel::test::load
