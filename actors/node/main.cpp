#include "actors/node/command_line.hpp"
#include "actors/node/config/listing.hpp"
#include "actors/node/config/loader.hpp"
#include "actors/node/config/reload.hpp"
#include "actors/node/file_limit.hpp"
#include "actors/node/node.hpp"
#include "actors/node/reload_desk.hpp"
#include "actors/node/signals.hpp"
#include "actors/runtime/log.hpp"

#include <cerrno>
#include <csignal>
#include <cstring>
#include <exception>
#include <iostream>

#include <unistd.h>

/// Of jemalloc: what was freed goes back to the system within a second or two,
/// at rest too, since `overload_monitor` goes by what the process has.
extern "C" {
const char* malloc_conf = "background_thread:true,dirty_decay_ms:1000";
}

namespace hetzel::node {

namespace {

std::string join(const std::vector<std::string>& words) {
  std::string out;
  for (const auto& word : words)
    out += (out.empty() ? "" : ",") + word;
  return out;
}

int fail(const std::string& what) {
  std::cerr << "hetzel: " << what << '\n';
  return exit_failure;
}

void print(const std::vector<problem>& problems) {
  for (const auto& one : problems)
    std::cerr << one.to_string() << '\n';
}

// -- start --------------------------------------------------------------------

/// What is in the way, for the operator; empty when nothing is.
std::string make_folder(const char* key, const std::filesystem::path& folder) {
  std::error_code error;
  std::filesystem::create_directories(folder, error);
  if (!error && ::access(folder.c_str(), W_OK | X_OK) != 0)
    error = {errno, std::generic_category()};
  if (!error)
    return {};
  return std::string(key) + ": cannot use " + folder.string() + ": "
         + error.message();
}

std::string make_folders(const node_config& config) {
  auto fault = make_folder("data_dir", config.data_dir);
  const auto log_folder
    = std::filesystem::path(config.log.file_path).parent_path();
  if (fault.empty() && !log_folder.empty())
    fault = make_folder("log.console.file", log_folder);
  return fault;
}

void log_warnings(const std::vector<problem>& warnings) {
  for (const auto& one : warnings)
    log::warning("config.ignored",
                 {{"place", one.place}, {"key", one.key}, {"why", one.what}});
}

void log_ready(const node& running, const node_config& config) {
  log::info("node.ready", {{"listeners", to_string(running.listeners())},
                           {"nodename", config.nodename},
                           {"reactors", config.reactors},
                           {"pid", ::getpid()},
                           {"version", HETZEL_VERSION}});
}

// -- reload -------------------------------------------------------------------

reload_outcome reload(node& running, configuration& current,
                      const config_sources& from, std::size_t file_limit) {
  auto fresh = load(from);
  if (!fresh) {
    reload_outcome rejected{.is_rejected = true, .lines = {}};
    for (const auto& one : fresh.error()) {
      rejected.lines.push_back(one.to_string());
      log::warning("config.rejected", {{"problem", rejected.lines.back()}});
    }
    return rejected;
  }
  auto plan = plan_reload(current, *fresh);
  cap_connections(plan.next.values, file_limit);
  log_warnings(plan.next.warnings);
  auto faults = running.reload(plan.next.values, plan.applied);
  for (const auto& fault : faults)
    log::warning("listener.not_changed", {{"why", fault}});
  log::set_threshold(plan.next.values.log.threshold);
  current = std::move(plan.next);
  const auto applied = join(plan.applied);
  const auto left = join(plan.needs_restart);
  log::info("config.reloaded", {{"applied", applied}});
  if (!left.empty())
    log::warning("config.needs_restart", {{"keys", left}});
  reload_outcome done{.lines = {"applied: " + applied,
                                "needs_restart: " + left}};
  for (auto& fault : faults)
    done.lines.push_back("not changed: " + std::move(fault));
  return done;
}

// -- life ---------------------------------------------------------------------

int run(configuration current, const config_sources& from) {
  const signals wanted;
  const auto file_limit = raise_file_limit();
  const auto lowered = cap_connections(current.values, file_limit);
  if (const auto fault = make_folders(current.values); !fault.empty())
    return fail(fault);
  log::setup(current.values.log);
  log_warnings(current.warnings);
  if (!lowered.empty())
    log::info("listener.max_connections_lowered",
              {{"listeners", join(lowered)}, {"file_limit", file_limit}});
  reload_desk waiting;
  node running{current.values};
  // As from an operator, so that all ends in one way.
  running.on_failure([] { ::kill(::getpid(), SIGTERM); });
  running.on_reload([&](admin::reply to) { waiting.ask(std::move(to)); });
  if (const auto started = running.start(); !started) {
    log::shutdown();
    return fail(started.error());
  }
  log_ready(running, current.values);
  int number = wanted.wait();
  for (; number == SIGHUP; number = wanted.wait()) {
    const auto asking = waiting.take();
    answer(asking, reload(running, current, from, file_limit));
  }
  log::info("node.stopping", {{"signal", number}});
  wanted.end_at_once();
  running.stop();
  log::info("node.stopped");
  return running.has_failed() ? exit_failure : 0;
}

int describe(const std::string& key, const configuration& current) {
  const auto text = describe_key(key, current.entries);
  if (!text) {
    std::cerr << key << ": " << text.error() << '\n';
    return exit_usage;
  }
  std::cout << *text;
  return 0;
}

int perform(const command_line& asked) {
  const config_sources sources{asked.config_file, environ, asked.settings};
  auto loaded = load(sources);
  if (!loaded) {
    print(loaded.error());
    return exit_usage;
  }
  switch (asked.what) {
    case task::run:
      return run(std::move(*loaded), sources);
    case task::check_config:
      print(loaded->warnings);
      std::cout << "config is OK\n";
      return 0;
    case task::print_config:
      std::cout << list_entries(loaded->entries);
      return 0;
    case task::describe_config:
      return describe(asked.described_key, *loaded);
  }
  return exit_usage;
}

} // namespace

} // namespace hetzel::node

int main(int count, char** words) {
  using namespace hetzel;
  try {
    const auto asked = node::parse_command_line(count, words);
    const int code = asked ? node::perform(*asked) : asked.error();
    log::shutdown();
    return code;
  } catch (const std::exception& error) {
    return node::fail(error.what());
  }
}
