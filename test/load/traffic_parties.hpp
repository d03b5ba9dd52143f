#pragma once

#include "test/load/arrival_map.hpp"
#include "test/load/delivery_progress.hpp"
#include "test/load/fleet.hpp"
#include "test/load/payload.hpp"
#include "test/load/publisher.hpp"
#include "test/load/report.hpp"
#include "test/load/silent_subscriber.hpp"
#include "test/load/subscriber.hpp"
#include "test/load/traffic_plan.hpp"

#include <memory>
#include <vector>

namespace hetzel::test::load {

/// The publishers and subscribers of a plan, wired to one another, spread over
/// the loops of a fleet. Made before the fleet starts.
class traffic_parties {
public:
  /// `is_closed_loop`: the window of a publisher waits for its subscribers.
  traffic_parties(fleet& threads, const options& chosen, traffic_plan plan,
                  bool is_closed_loop);

  [[nodiscard]] const traffic_plan& plan() const noexcept { return plan_; }

  [[nodiscard]] std::vector<std::unique_ptr<publisher>>& publishers() noexcept {
    return publishers_;
  }

  [[nodiscard]] std::vector<std::unique_ptr<subscriber>>&
  subscribers() noexcept {
    return subscribers_;
  }

  /// Hear everything and read nothing.
  [[nodiscard]] std::vector<std::unique_ptr<silent_subscriber>>&
  silent() noexcept {
    return silent_;
  }

  /// Connects all of `items` and waits for them; false, and a violation, when
  /// that fails.
  template <class Items>
  bool connect(Items& items, report& found) {
    fleet_.call_for(items, [](auto& one) { one.connect(); });
    const auto answered = wait_while_moving(
      std::chrono::duration<double>{options_.timeout_seconds},
      [&] { return all_ready(items) || !first_failure(items).empty(); },
      [&] { return count_ready(items); });
    const auto failure = first_failure(items);
    if (!failure.empty())
      found.violate(failure);
    else if (!answered)
      found.violate("the server does not answer CONNECT or SUBSCRIBE");
    return answered && failure.empty();
  }

  /// Subscribers' sessions outlive their connections. Before `connect`.
  void keep_sessions();

  /// Leaves no session on the server.
  void end_sessions(report& found);

  /// Empty while all connections stand.
  [[nodiscard]] std::string failure() const;

  void close_all();

  /// Loss, order and duplicates, after the fleet has stopped.
  void judge(report& found) const;

private:
  template <class Items>
  static std::uint64_t count_ready(const Items& items) {
    std::uint64_t count = 0;
    for (const auto& one : items)
      count += one->is_ready() ? 1 : 0;
    return count;
  }

  void make_publishers();
  void make_subscribers(bool is_closed_loop);
  void make_silent();
  delivery_progress* progress_of(std::size_t loop, std::uint32_t publisher);
  [[nodiscard]] std::uint32_t listeners_in(std::size_t loop,
                                           std::uint32_t publisher) const;

  void judge_publishers(report& found) const;
  void judge_deliveries(report& found) const;
  void report_silent(report& found) const;
  void report_distribution(report& found) const;

  fleet& fleet_;
  const options& options_;
  traffic_plan plan_;
  payload_check check_;
  std::vector<std::unique_ptr<publisher>> publishers_;
  std::vector<std::unique_ptr<subscriber>> subscribers_;
  std::vector<std::unique_ptr<silent_subscriber>> silent_;
  /// By loop × publisher; null where nobody listens.
  std::vector<std::unique_ptr<delivery_progress>> progress_;
  /// By publisher, for a share group.
  std::vector<std::unique_ptr<arrival_map>> arrivals_;
};

} // namespace hetzel::test::load
