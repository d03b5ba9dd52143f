#include "test/load/options.hpp"

#include "test/load/payload.hpp"

#include <CLI/CLI.hpp>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <map>
#include <sstream>

namespace hetzel::test::load {

namespace {

struct scenario_defaults {
  scenario kind;
  const char* name;
  const char* description;
  std::uint32_t clients;
};

constexpr std::array defaults{
  scenario_defaults{scenario::pairs, "pairs",
                    "N publishers, each with a subscriber of its own", 50},
  scenario_defaults{scenario::fanout, "fanout",
                    "one publisher to N subscribers", 100},
  scenario_defaults{scenario::fanin, "fanin", "N publishers to one subscriber",
                    100},
  scenario_defaults{scenario::shared, "shared",
                    "N publishers to the members of one share group", 10},
  scenario_defaults{scenario::rate, "rate",
                    "open loop: N pairs at a total rate; latency counts from "
                    "the time a message was due",
                    50},
  scenario_defaults{scenario::connect, "connect",
                    "N clients connect as fast as they can", 1000},
  scenario_defaults{scenario::retained, "retained",
                    "store retained messages, then drain them by a wildcard "
                    "subscription of each of N clients",
                    1},
  scenario_defaults{scenario::offline, "offline",
                    "publish to N absent persistent sessions, then let them "
                    "return and drain",
                    1},
};

const scenario_defaults& defaults_of(scenario kind) noexcept {
  return *std::find_if(defaults.begin(), defaults.end(),
                       [kind](const auto& one) { return one.kind == kind; });
}

// A subscriber whose publishers have this much under way together stays below
// the queue limits that servers have by default.
constexpr std::uint32_t under_way_max = 1000;

std::uint32_t default_window(const options& chosen) noexcept {
  const std::uint32_t window
    = chosen.quality == mqtt::qos::at_most_once ? 500 : 100;
  std::uint32_t share = window;
  if (chosen.kind == scenario::fanin)
    share = under_way_max / chosen.clients;
  if (chosen.kind == scenario::shared)
    share = under_way_max * chosen.members / chosen.clients;
  return std::clamp<std::uint32_t>(share, 1, window);
}

void apply_defaults(options& chosen, bool has_warm_up) {
  if (chosen.clients == 0)
    chosen.clients = defaults_of(chosen.kind).clients;
  if (chosen.kind == scenario::retained && !chosen.messages)
    chosen.messages = 10'000;
  if (chosen.kind == scenario::offline && !chosen.messages)
    chosen.messages = 1'000;
  if (chosen.kind == scenario::offline)
    chosen.quality = std::max(chosen.quality, mqtt::qos::at_least_once);
  if (chosen.messages && !has_warm_up)
    chosen.warm_up_seconds = 0;
  chosen.tls = chosen.tls || chosen.tls_resume;
  if (chosen.window == 0)
    chosen.window = default_window(chosen);
  if (chosen.topic_prefix.empty())
    chosen.topic_prefix = "bench/" + std::to_string(::getpid());
}

void add_server_options(CLI::App& app, options& chosen) {
  app.add_option("--host", chosen.host, "name or address")
    ->capture_default_str();
  app.add_option("--port", chosen.port)->capture_default_str();
  app.add_option("--user", chosen.user);
  app.add_option("--password", chosen.password);
  const std::map<std::string, mqtt::protocol_version> versions{
    {"3.1", mqtt::protocol_version::v3_1},
    {"3.1.1", mqtt::protocol_version::v3_1_1},
    {"5", mqtt::protocol_version::v5}};
  app.add_option("--version", chosen.version, "3.1, 3.1.1 (default) or 5")
    ->transform(CLI::CheckedTransformer(versions).description(""));
  app.add_flag("--ws", chosen.over_websocket,
               "through WebSockets, of the path /mqtt");
  app.add_flag("--tls", chosen.tls, "whatever the server's certificate is");
  app.add_flag("--tls-resume", chosen.tls_resume,
               "TLS, going on from an earlier handshake");
  app.add_option("--pid", chosen.pid,
                 "the server's process: report its CPU and memory");
}

void add_load_options(CLI::App& app, options& chosen) {
  app.add_option("--clients", chosen.clients, "N of the scenario")
    ->check(CLI::Range(1, 10'000'000));
  app.add_option("--members", chosen.members, "size of the share group")
    ->check(CLI::Range(1, 100'000))
    ->capture_default_str();
  auto* const messages
    = app.add_option("--messages", chosen.messages,
                     "per publisher, instead of --seconds; in retained the "
                     "number of topics");
  app.add_option("--seconds", chosen.seconds, "length of the measured part")
    ->check(CLI::PositiveNumber)
    ->excludes(messages)
    ->capture_default_str();
  app
    .add_option("--warmup", chosen.warm_up_seconds,
                "seconds of traffic before that (0 with --messages)")
    ->check(CLI::NonNegativeNumber)
    ->capture_default_str();
  app.add_option("--size", chosen.size, "payload bytes")
    ->check(CLI::Range(payload_stamp_bytes, std::size_t{200'000'000}))
    ->capture_default_str();
  const std::map<std::string, mqtt::qos> qualities{
    {"0", mqtt::qos::at_most_once},
    {"1", mqtt::qos::at_least_once},
    {"2", mqtt::qos::exactly_once}};
  app.add_option("--qos", chosen.quality, "0 (default), 1 or 2")
    ->transform(CLI::CheckedTransformer(qualities).description(""));
  app
    .add_option("--window", chosen.window,
                "messages under way per publisher (default 500; QoS 1 and 2: "
                "100; less when many meet in one subscriber)")
    ->check(CLI::Range(1, 60'000));
  app.add_flag("--persistent", chosen.is_persistent,
               "subscribers have sessions that outlive their connections");
  app
    .add_option("--silent", chosen.silent,
                "further subscribers of all topics, who read nothing")
    ->check(CLI::Range(0, 1'000'000));
  app.add_option("--rate", chosen.rate, "messages per second in all")
    ->check(CLI::PositiveNumber)
    ->capture_default_str();
  app
    .add_option("--concurrency", chosen.concurrency,
                "CONNECTs without an answer at any time")
    ->check(CLI::Range(1, 1'000'000))
    ->capture_default_str();
  app
    .add_option("--hold", chosen.hold_seconds,
                "seconds that connect keeps its clients")
    ->check(CLI::NonNegativeNumber)
    ->capture_default_str();
  app
    .add_option("--connect-rate", chosen.connect_rate,
                "CONNECTs per second in all; 0: as fast as they are answered")
    ->check(CLI::NonNegativeNumber);
  app.add_flag("--drop", chosen.is_dropping,
               "connect closes each client when it is connected");
}

void add_tool_options(CLI::App& app, options& chosen) {
  app.add_option("--topic-prefix", chosen.topic_prefix,
                 "of every topic and client id (default: bench/PID)");
  app.add_option("--threads", chosen.threads, "threads of this tool")
    ->check(CLI::Range(1, 256))
    ->capture_default_str();
  app
    .add_option("--timeout", chosen.timeout_seconds,
                "seconds without progress that end a run")
    ->check(CLI::PositiveNumber)
    ->capture_default_str();
  app.add_flag("--verify", chosen.verify_filler,
               "compare every byte of the payloads");
  app.add_flag("--json", chosen.json, "print one JSON object");
}

} // namespace

const char* to_string(scenario kind) noexcept {
  return defaults_of(kind).name;
}

std::variant<options, usage_exit> parse_options(int argc,
                                                const char* const* argv) {
  options chosen;
  CLI::App app{"Puts an MQTT server under load, checks loss, order and "
               "duplicates, and reports rates, latencies and the server's "
               "cost."};
  app.name("hetzel-bench");
  add_server_options(app, chosen);
  add_load_options(app, chosen);
  add_tool_options(app, chosen);
  app.require_subcommand(1);
  for (const auto& one : defaults) {
    app.add_subcommand(one.name, one.description)
      ->fallthrough()
      ->callback([&chosen, &one] { chosen.kind = one.kind; });
  }
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& why) {
    std::ostringstream out;
    const auto is_error = app.exit(why, out, out) != 0;
    return usage_exit{out.str(), is_error ? 2 : 0};
  }
  apply_defaults(chosen, app.count("--warmup") != 0);
  return chosen;
}

} // namespace hetzel::test::load
