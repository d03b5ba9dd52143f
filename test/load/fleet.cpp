#include "test/load/fleet.hpp"

#include <algorithm>
#include <thread>

namespace hetzel::test::load {

namespace {

using clock = std::chrono::steady_clock;

// Fine enough for the start and end of a measurement, and 0.1 % of a core.
constexpr std::chrono::milliseconds poll_interval{1};

// Two packets of the run's size always fit, and a batch of small ones.
std::size_t read_buffer_size(const options& chosen) noexcept {
  constexpr std::size_t least = 256 * 1024;
  constexpr std::size_t overhead_max = 128 * 1024;
  return std::max(least, 2 * (chosen.size + overhead_max));
}

} // namespace

fleet::fleet(const options& chosen) : options_(chosen) {
  if (chosen.tls)
    tls_ = std::make_unique<tls_side>(chosen.tls_resume);
  const auto server = resolve(chosen.host, chosen.port);
  const auto share
    = std::max<std::uint32_t>(1, chosen.concurrency / chosen.threads);
  for (unsigned i = 0; i < chosen.threads; ++i) {
    loops_.push_back(std::make_unique<event_loop>(i, read_buffer_size(chosen)));
    connects_.emplace_back(server, share);
  }
}

void fleet::start() {
  for (auto& one : loops_)
    one->start();
}

void fleet::stop() {
  for (auto& one : loops_)
    one->stop();
}

void fleet::call_each(const std::function<void(event_loop&)>& work) {
  for (auto& one : loops_)
    one->call([&] { work(*one); });
}

fleet_totals fleet::totals() const noexcept {
  fleet_totals sum;
  for (const auto& one : loops_) {
    const auto& counters = one->counters();
    sum.sent += counters.sent;
    sum.received += counters.received;
    sum.acknowledged += counters.acknowledged;
    sum.failures += counters.failures;
  }
  return sum;
}

client_settings fleet::client_named(const std::string& part,
                                    std::size_t number) const {
  client_settings settings;
  settings.client_id
    = options_.topic_prefix + "/" + part + std::to_string(number);
  // Servers may refuse what would be special in a filter or a path.
  std::replace(settings.client_id.begin(), settings.client_id.end(), '/', '-');
  settings.user = options_.user;
  settings.password = options_.password;
  settings.version = options_.version;
  settings.over_websocket = options_.over_websocket;
  settings.tls = tls_.get();
  return settings;
}

std::optional<server_usage> fleet::usage() const {
  return options_.pid ? read_usage(*options_.pid) : std::nullopt;
}

bool wait_until(std::chrono::duration<double> limit,
                const std::function<bool()>& is_done) {
  const auto end = clock::now() + limit;
  while (!is_done()) {
    if (clock::now() >= end)
      return false;
    std::this_thread::sleep_for(poll_interval);
  }
  return true;
}

bool wait_while_moving(std::chrono::duration<double> limit,
                       const std::function<bool()>& is_done,
                       const std::function<std::uint64_t()>& progress) {
  auto last = progress();
  auto moved_at = clock::now();
  while (!is_done()) {
    const auto now = clock::now();
    if (const auto current = progress(); current != last) {
      last = current;
      moved_at = now;
    } else if (now - moved_at > limit) {
      return false;
    }
    std::this_thread::sleep_for(poll_interval);
  }
  return true;
}

} // namespace hetzel::test::load
