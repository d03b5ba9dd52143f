#pragma once

#include "test/load/client.hpp"
#include "test/load/connect_queue.hpp"
#include "test/load/endpoint.hpp"
#include "test/load/event_loop.hpp"
#include "test/load/options.hpp"
#include "test/load/server_usage.hpp"
#include "test/load/tls_side.hpp"

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace hetzel::test::load {

/// Sums over all loops.
struct fleet_totals {
  std::uint64_t sent = 0;
  std::uint64_t received = 0;
  std::uint64_t acknowledged = 0;
  std::uint64_t failures = 0;
};

/// The tool's threads, each a loop, and the server they turn to. Clients that
/// live in the loops must outlive `stop`.
class fleet {
public:
  /// Resolves the host; throws std::runtime_error when it has no address.
  explicit fleet(const options& chosen);

  /// Loop for the n-th of something, round robin.
  [[nodiscard]] event_loop& loop(std::size_t n) noexcept {
    return *loops_[n % loops_.size()];
  }
  [[nodiscard]] connect_queue& connects(std::size_t n) noexcept {
    return connects_[n % connects_.size()];
  }
  [[nodiscard]] std::size_t loop_count() const noexcept {
    return loops_.size();
  }

  void start();
  void stop();

  /// Runs `work` in each loop, one after the other, and waits.
  void call_each(const std::function<void(event_loop&)>& work);

  /// Calls `work(items[n])` for each n in the thread of its loop, and waits.
  template <class Items, class Work>
  void call_for(Items& items, Work work) {
    call_each([&](event_loop& one) {
      for (std::size_t n = one.index(); n < items.size(); n += loops_.size())
        work(*items[n]);
    });
  }

  [[nodiscard]] fleet_totals totals() const noexcept;

  /// The settings of a client named after `part`, with its number.
  [[nodiscard]] client_settings client_named(const std::string& part,
                                             std::size_t number) const;

  /// Nullopt without --pid.
  [[nodiscard]] std::optional<server_usage> usage() const;

private:
  const options& options_;
  std::unique_ptr<tls_side> tls_; ///< null: none
  std::vector<std::unique_ptr<event_loop>> loops_;
  std::vector<connect_queue> connects_;
};

/// Waits until `is_done`; false when `limit` passed first.
bool wait_until(std::chrono::duration<double> limit,
                const std::function<bool()>& is_done);

/// Waits until `is_done`; false when `progress` stood still for `limit`.
bool wait_while_moving(std::chrono::duration<double> limit,
                       const std::function<bool()>& is_done,
                       const std::function<std::uint64_t()>& progress);

/// Of publishers or subscribers.
template <class Items>
[[nodiscard]] bool all_ready(const Items& items) {
  for (const auto& one : items)
    if (!one->is_ready())
      return false;
  return true;
}

/// Why the first that failed did; empty when none has.
template <class Items>
[[nodiscard]] std::string first_failure(const Items& items) {
  for (const auto& one : items)
    if (one->has_failed())
      return one->failure();
  return {};
}

} // namespace hetzel::test::load
