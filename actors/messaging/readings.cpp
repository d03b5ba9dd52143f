#include "actors/messaging/readings.hpp"

#include "actors/messaging/exchange.hpp"
#include "actors/messaging/site.hpp"
#include "actors/messaging/storage/message_disk.hpp"
#include "actors/runtime/resident_memory.hpp"
#include "plugins/guards/guards.hpp"

#include <algorithm>
#include <array>
#include <cctype>
#include <chrono>
#include <utility>

namespace hetzel::messaging {

namespace {

using enum reading_kind;

struct traffic_entry {
  const char* name;
  reading_kind kind;
  net::counter net::traffic_counters::*member;
};

constexpr std::array traffic_entries{
  traffic_entry{"bytes_received", counter,
                &net::traffic_counters::bytes_received},
  traffic_entry{"bytes_sent", counter, &net::traffic_counters::bytes_sent},
  traffic_entry{"socket_open", counter, &net::traffic_counters::socket_open},
  traffic_entry{"socket_close", counter, &net::traffic_counters::socket_close},
  traffic_entry{"socket_close_timeout", counter,
                &net::traffic_counters::socket_close_timeout},
  traffic_entry{"socket_error", counter, &net::traffic_counters::socket_error},
  traffic_entry{"socket_refused", counter,
                &net::traffic_counters::socket_refused},
  traffic_entry{"connect_refused", counter,
                &net::traffic_counters::connect_refused},
  traffic_entry{"sockets_lingering", gauge, &net::traffic_counters::lingering},
  traffic_entry{"socket_lingering_cut", counter,
                &net::traffic_counters::lingering_cut},
  traffic_entry{"connects_pending", gauge,
                &net::traffic_counters::pending_connects},
  traffic_entry{"accept_throttled", counter,
                &net::traffic_counters::accept_throttled},
  traffic_entry{"transport_established", counter,
                &net::traffic_counters::transport_established},
  traffic_entry{"transport_resumed", counter,
                &net::traffic_counters::transport_resumed},
  traffic_entry{"transport_timeout", counter,
                &net::traffic_counters::transport_timeout},
  traffic_entry{"transport_unfinished", counter,
                &net::traffic_counters::transport_unfinished},
  traffic_entry{"tls_on_plain_listener", counter,
                &net::traffic_counters::tls_on_plain_listener},
};

struct reactor_entry {
  const char* name;
  reading_kind kind;
  std::uint64_t runtime::reactor_counters::*member;
};

constexpr std::array reactor_entries{
  reactor_entry{"reactor_ticks", counter, &runtime::reactor_counters::ticks},
  reactor_entry{"reactor_waits", counter, &runtime::reactor_counters::waits},
  reactor_entry{"reactor_wakeups_sent", counter,
                &runtime::reactor_counters::wakeups_sent},
  reactor_entry{"reactor_actors_resumed", counter,
                &runtime::reactor_counters::actors_resumed},
  reactor_entry{"reactor_flushes", counter,
                &runtime::reactor_counters::flushes},
  reactor_entry{"reactor_failures", counter,
                &runtime::reactor_counters::failures},
  reactor_entry{"reactor_lendings", counter,
                &runtime::reactor_counters::lendings},
  reactor_entry{"actors_pinned", gauge,
                &runtime::reactor_counters::actors_alive},
};

struct disk_entry {
  const char* name;
  std::atomic<std::uint64_t> disk_counters::*member;
};

constexpr std::array disk_entries{
  disk_entry{"store_commits", &disk_counters::commits},
  disk_entry{"store_commits_failed", &disk_counters::failed_commits},
  disk_entry{"store_operations", &disk_counters::operations},
  disk_entry{"store_windows", &disk_counters::windows},
  disk_entry{"store_messages_refused", &disk_counters::refused},
  disk_entry{"store_messages_lost", &disk_counters::lost},
};

struct hook_entry {
  const char* suffix;
  net::counter hook_counters::of_hook::*member;
};

constexpr std::array hook_entries{
  hook_entry{"_calls", &hook_counters::of_hook::calls},
  hook_entry{"_refusals", &hook_counters::of_hook::refusals},
  hook_entry{"_errors", &hook_counters::of_hook::errors},
  hook_entry{"_timeouts", &hook_counters::of_hook::timeouts},
  hook_entry{"_elapsed_us", &hook_counters::of_hook::elapsed_us},
  hook_entry{"_dropped", &hook_counters::of_hook::dropped},
  hook_entry{"_cached", &hook_counters::of_hook::cached},
};

// MQTT 5 leaves no gap between them (table 2-6).
constexpr auto first_error
  = static_cast<unsigned>(mqtt::reason_code::unspecified_error);
constexpr auto last_error = static_cast<unsigned>(
  mqtt::reason_code::wildcard_subscriptions_not_supported);

class reader {
public:
  explicit reader(exchange& node) : node_(node) {}

  std::vector<reading> take() {
    traffic();
    packets(false);
    packets(true);
    errors(false);
    errors(true);
    facts();
    hooks();
    guards();
    sizes();
    if (node_.messages)
      store();
    reactors();
    return std::move(readings_);
  }

private:
  template <class Value>
  void sum(std::string name, reading_kind kind, Value&& value,
           std::string_view code = {}) {
    std::uint64_t total = 0;
    for (std::size_t i = 0; i < node_.reactor_count(); ++i)
      total += value(node_.site_of(i));
    readings_.push_back({std::move(name), code, kind, total});
  }

  void traffic() {
    for (const auto& entry : traffic_entries)
      sum(entry.name, entry.kind, [&](const site& local) {
        return (local.traffic.*entry.member).value();
      });
    for (std::size_t i = 1; i < net::transport_fault_count; ++i) {
      const auto fault = static_cast<net::transport_fault>(i);
      sum(std::string{"transport_fault_"} + net::to_string(fault), counter,
          [i](const site& local) {
            return local.traffic.transport_faults[i].value();
          });
    }
  }

  void packets(bool sent) {
    for (auto type = unsigned{1}; type <= 15; ++type) {
      const auto which = static_cast<mqtt::packet_type>(type);
      std::string name{"mqtt_"};
      for (const char letter : mqtt::to_string(which))
        name += static_cast<char>(
          std::tolower(static_cast<unsigned char>(letter)));
      sum(name + (sent ? "_sent" : "_received"), counter,
          [&](const site& local) {
            return local.metrics.packets(which, sent);
          });
    }
  }

  void errors(bool sent) {
    for (unsigned code = first_error; code <= last_error; ++code) {
      const auto which = static_cast<mqtt::reason_code>(code);
      sum(
        sent ? "mqtt_error_sent" : "mqtt_error_received", counter,
        [&](const site& local) { return local.metrics.errors(which, sent); },
        mqtt::to_string(which));
    }
  }

  void facts() {
    for (std::size_t i = 0; i < metrics_count; ++i) {
      const auto which = static_cast<metric>(i);
      sum(std::string{to_string(which)}, counter,
          [&](const site& local) { return local.metrics.value(which); });
    }
  }

  void hooks() {
    for (std::size_t i = 0; i < plugins::hooks_count; ++i) {
      const auto which = static_cast<plugins::hook>(i);
      const auto name = plugins::name_of(which, plugins::hook_form::v3).empty()
                          ? plugins::name_of(which, plugins::hook_form::v5)
                          : plugins::name_of(which, plugins::hook_form::v3);
      for (const auto& entry : hook_entries)
        sum("hook_" + std::string{name} + entry.suffix, counter,
            [&](const site& local) {
              return (local.hooks.counters.of(which).*entry.member).value();
            });
    }
  }

  void guards() {
    for (std::size_t i = 0; i < plugins::guard_facts_count; ++i) {
      const auto which = static_cast<plugins::guard_fact>(i);
      readings_.push_back(
        {std::string{plugins::name_of(which)}, {}, counter,
         node_.guards ? node_.guards->counters().value(which) : 0});
    }
  }

  void sizes() {
    const auto add = [this](const char* name, std::uint64_t value) {
      readings_.push_back({name, {}, gauge, value});
    };
    add("queue_processes", node_.sessions);
    if (const auto place = node_.subscriptions.add_reader()) {
      const auto routes = node_.subscriptions.statistics(*place);
      node_.subscriptions.remove_reader(*place);
      add("router_subscriptions", routes.subscriptions);
      add("router_memory", routes.memory_bytes);
    }
    add("retain_messages", node_.retained_count);
    add("retain_memory", node_.retained_bytes);
    add("sessions_restoring", node_.restoring);
    add("overload_level", static_cast<std::uint64_t>(node_.overload_level()));
    add("process_memory", runtime::resident_memory());
  }

  /// Of all shards; working since the one that failed last.
  void store() {
    auto& disk = *node_.messages;
    for (const auto& entry : disk_entries)
      readings_.push_back({entry.name, {}, counter,
                           disk.counters().*entry.member});
    std::uint64_t failing = 0;
    auto working = std::chrono::seconds::max();
    for (std::size_t i = 0; i < disk.shard_count(); ++i) {
      const auto health = disk.health(i);
      if (health.failure != persistence::errc::none)
        ++failing;
      else
        working = std::min(working, health.unchanged_for);
    }
    readings_.push_back({"store_shards_failing", {}, gauge, failing});
    const auto seconds = failing > 0 ? 0 : working.count();
    readings_.push_back({"store_working_seconds", {}, gauge,
                         static_cast<std::uint64_t>(seconds)});
  }

  void reactors() {
    for (const auto& entry : reactor_entries)
      sum(entry.name, entry.kind, [&](const site& local) {
        return local.home.counters().*entry.member;
      });
  }

  exchange& node_;
  std::vector<reading> readings_;
};

} // namespace

std::vector<reading> take_readings(exchange& node) {
  return reader{node}.take();
}

} // namespace hetzel::messaging
