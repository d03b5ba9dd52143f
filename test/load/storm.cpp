#include "test/load/fleet.hpp"
#include "test/load/scenarios.hpp"

#include <algorithm>
#include <atomic>
#include <memory>
#include <utility>
#include <vector>

namespace hetzel::test::load {

namespace {

using clock = std::chrono::steady_clock;
using seconds = std::chrono::duration<double>;

/// What the clients of one loop count; written by its thread only.
struct storm_tally {
  std::atomic<std::uint64_t> connected{0};
  std::atomic<std::uint64_t> failed{0};
  histogram times;
  std::string failure;
};

/// Connects, measures how long that took, and stays.
class storm_client final : public client_events {
public:
  storm_client(event_loop& loop, connect_queue& connects,
               client_settings settings, storm_tally& tally, bool is_dropping)
    : connects_(connects),
      tally_(tally),
      is_dropping_(is_dropping),
      client_(loop, std::move(settings), *this) {}

  void connect() { connects_.push(client_); }
  void close() { client_.close(); }

  void on_connected(client& one, const mqtt::connack&) override {
    is_answered_ = true;
    tally_.times.record(one.received_ns() - one.opened_ns());
    ++tally_.connected;
    connects_.on_answered();
  }

  /// Not before: it is in the midst of what it read.
  void on_batch_end(client& one) override {
    if (is_dropping_ && one.is_connected())
      one.close();
  }

  void on_failed(client&, const std::string& reason) override {
    ++tally_.failed;
    tally_.failure = reason;
    if (!std::exchange(is_answered_, true))
      connects_.on_answered();
  }

private:
  connect_queue& connects_;
  storm_tally& tally_;
  bool is_dropping_;
  bool is_answered_ = false;
  client client_;
};

class connect_run {
public:
  explicit connect_run(const options& chosen)
    : options_(chosen), fleet_(chosen), tallies_(fleet_.loop_count()) {
    for (std::size_t i = 0; i < chosen.clients; ++i)
      clients_.push_back(std::make_unique<storm_client>(
        fleet_.loop(i), fleet_.connects(i), fleet_.client_named("c", i),
        tallies_[fleet_.loop(i).index()], chosen.is_dropping));
  }

  report run() {
    const auto idle = fleet_.usage();
    fleet_.start();
    if (options_.connect_rate > 0)
      pace();
    const auto start = clock::now();
    fleet_.call_for(clients_, [](storm_client& one) { one.connect(); });
    const auto is_answered = wait_while_moving(
      seconds{options_.timeout_seconds},
      [this] { return connected() + failed() >= options_.clients; },
      [this] { return connected() + failed(); });
    const auto spent = seconds{clock::now() - start}.count();
    const auto connected_usage = fleet_.usage();
    if (!is_answered)
      found_.violate("the server stopped answering CONNECT");
    hold(connected_usage);
    add_measures(spent, idle, connected_usage);
    fleet_.call_for(clients_, [](storm_client& one) { one.close(); });
    fleet_.stop();
    return std::move(found_);
  }

private:
  /// Each loop opens its share of the rate, and makes up for what it missed.
  void pace() {
    const auto start = clock::now();
    const auto share
      = options_.connect_rate / static_cast<double>(fleet_.loop_count());
    fleet_.call_each([&](event_loop& one) {
      auto& queue = fleet_.connects(one.index());
      queue.pace();
      one.set_pacer([&queue, start, share, opened = 0.0](
                      steady_time now) mutable -> steady_time {
        while (opened < seconds{now - start}.count() * share
               && queue.open_due())
          opened += 1;
        return now + std::chrono::milliseconds{1};
      });
    });
  }

  [[nodiscard]] std::uint64_t connected() const {
    std::uint64_t sum = 0;
    for (const auto& one : tallies_)
      sum += one.connected;
    return sum;
  }

  [[nodiscard]] std::uint64_t failed() const {
    std::uint64_t sum = 0;
    for (const auto& one : tallies_)
      sum += one.failed;
    return sum;
  }

  /// What idle clients cost per second, once all are there.
  void hold(const std::optional<server_usage>& from) {
    if (options_.hold_seconds <= 0)
      return;
    wait_until(seconds{options_.hold_seconds}, [] { return false; });
    const auto to = fleet_.usage();
    if (from && to)
      found_.add("server_idle_cores",
                 seconds{to->cpu - from->cpu}.count() / options_.hold_seconds);
  }

  void add_measures(double spent, const std::optional<server_usage>& idle,
                    const std::optional<server_usage>& busy) {
    const auto arrived = static_cast<double>(connected());
    found_.add("connected", arrived);
    found_.add("failed", static_cast<double>(failed()));
    found_.add("connects_per_s", arrived / spent);
    fleet_.call_each([this](event_loop& one) {
      const auto& tally = tallies_[one.index()];
      times_.merge(tally.times);
      if (!tally.failure.empty())
        failure_ = tally.failure;
    });
    found_.add_latencies("connect", times_);
    found_.add_cpu("connect", idle, busy, arrived);
    found_.add_memory(idle, fleet_.usage(), arrived);
    if (failed() != 0)
      found_.forbid("clients failed, such as: " + failure_, failed());
  }

  const options& options_;
  fleet fleet_;
  std::vector<storm_tally> tallies_;
  std::vector<std::unique_ptr<storm_client>> clients_;
  report found_;
  histogram times_;
  std::string failure_;
};

} // namespace

report run_connect(const options& chosen) {
  return connect_run{chosen}.run();
}

} // namespace hetzel::test::load
