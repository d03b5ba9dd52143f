#include "test/load/arrival_map.hpp"
#include "test/load/fleet.hpp"
#include "test/load/retained_writer.hpp"
#include "test/load/scenarios.hpp"
#include "test/load/subscriber.hpp"

#include <memory>
#include <vector>

namespace hetzel::test::load {

namespace {

using clock = std::chrono::steady_clock;
using seconds = std::chrono::duration<double>;

class retained_run {
public:
  explicit retained_run(const options& chosen)
    : options_(chosen),
      fleet_(chosen),
      check_(chosen.size, chosen.verify_filler),
      base_(chosen.topic_prefix + "/retained"),
      writer_(
        fleet_.loop(0), fleet_.connects(0), fleet_.client_named("writer", 0),
        {base_, *chosen.messages, chosen.size, chosen.quality, chosen.window}) {
    for (std::size_t i = 0; i < chosen.clients; ++i)
      add_reader(i);
  }

  report run() {
    fleet_.start();
    if (connect_all() && store())
      drain();
    clear();
    if (writer_.has_failed())
      found_.violate(writer_.failure());
    if (const auto why = first_failure(readers_); !why.empty())
      found_.violate(why);
    fleet_.call_each([this](event_loop& one) {
      if (one.index() == 0)
        writer_.close();
    });
    fleet_.call_for(readers_, [](subscriber& one) { one.close(); });
    fleet_.stop();
    judge();
    return std::move(found_);
  }

private:
  void add_reader(std::size_t number) {
    arrivals_.push_back(std::make_unique<arrival_map>());
    readers_.push_back(std::make_unique<subscriber>(
      fleet_.loop(number), fleet_.connects(number),
      fleet_.client_named("reader", number),
      subscriber_settings{base_ + "/#", options_.quality, 0}, check_));
    readers_.back()->set_subscribes(false);
    delivery_track track;
    track.arrivals = arrivals_.back().get();
    readers_.back()->follow(std::move(track));
  }

  bool connect_all() {
    fleet_.loop(0).post([this] { writer_.connect(); });
    fleet_.call_for(readers_, [](subscriber& one) { one.connect(); });
    const auto is_done = wait_until(seconds{options_.timeout_seconds}, [this] {
      return writer_.has_failed() || !first_failure(readers_).empty()
             || (writer_.is_ready() && all_ready(readers_));
    });
    if (!is_done)
      found_.violate("the server does not answer CONNECT");
    return is_done && !writer_.has_failed();
  }

  bool store() {
    const auto before = fleet_.usage();
    const auto start = clock::now();
    const auto is_done = write_all(false);
    const auto spent = seconds{clock::now() - start}.count();
    const auto after = fleet_.usage();
    const auto count = static_cast<double>(*options_.messages);
    if (!is_done)
      found_.violate("stalled: the server stopped taking messages");
    found_.add("store_seconds", spent);
    found_.add("store_msgs_per_s", count / spent);
    found_.add_cpu("stored_message", before, after, count);
    found_.add_memory(before, after, 0);
    if (before && after)
      found_.add("server_bytes_per_retained_message",
                 (static_cast<double>(after->pss_bytes)
                  - static_cast<double>(before->pss_bytes))
                   / count);
    return is_done;
  }

  void drain() {
    const auto before = fleet_.usage();
    const auto start = clock::now();
    fleet_.call_for(readers_, [this](subscriber& one) {
      one.connection().subscribe(base_ + "/#", options_.quality);
    });
    const auto expected = std::uint64_t{*options_.messages} * options_.clients;
    const auto is_done = wait_while_moving(
      seconds{options_.timeout_seconds},
      [&] {
        const auto totals = fleet_.totals();
        return totals.received >= expected || totals.failures != 0;
      },
      [this] { return fleet_.totals().received; });
    const auto spent = seconds{clock::now() - start}.count();
    if (!is_done)
      found_.violate("stalled: not all retained messages came");
    const auto count = static_cast<double>(fleet_.totals().received);
    found_.add("drain_seconds", spent);
    found_.add("drain_msgs_per_s", count / spent);
    found_.add_cpu("drained_message", before, fleet_.usage(), count);
  }

  /// Leaves nothing on the server. The readers hear of it no more: their
  /// connections would only get empty payloads.
  void clear() {
    fleet_.call_for(readers_, [](subscriber& one) { one.close(); });
    if (writer_.sent() != 0 && !writer_.has_failed())
      write_all(true);
  }

  bool write_all(bool clears) {
    fleet_.loop(0).call([this, clears] { writer_.write_all(clears); });
    return wait_while_moving(
      seconds{options_.timeout_seconds},
      [this] { return writer_.is_done() || writer_.has_failed(); },
      [this] { return writer_.sent(); });
  }

  void judge() {
    std::uint64_t lost = 0;
    std::uint64_t duplicates = 0;
    std::uint64_t foreign = 0;
    for (std::size_t i = 0; i < readers_.size(); ++i) {
      lost += arrivals_[i]->missing(*options_.messages);
      duplicates += readers_[i]->shared_duplicates();
      foreign += readers_[i]->foreign();
    }
    found_.add("lost", static_cast<double>(lost));
    found_.add("duplicates", static_cast<double>(duplicates));
    found_.forbid("foreign or damaged messages", foreign);
    found_.forbid("messages refused", writer_.refused());
    found_.forbid("retained messages missing", lost);
    if (options_.quality != mqtt::qos::at_least_once)
      found_.forbid("duplicates", duplicates);
  }

  const options& options_;
  fleet fleet_;
  payload_check check_;
  std::string base_;
  retained_writer writer_;
  std::vector<std::unique_ptr<arrival_map>> arrivals_;
  std::vector<std::unique_ptr<subscriber>> readers_;
  report found_;
};

} // namespace

report run_retained(const options& chosen) {
  return retained_run{chosen}.run();
}

} // namespace hetzel::test::load
