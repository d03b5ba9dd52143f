#pragma once

#include "protocol/basic_types.hpp"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <variant>

namespace hetzel::test::load {

enum class scenario : unsigned char {
  pairs,    ///< N publishers, each with a subscriber of its own
  fanout,   ///< one publisher, N subscribers
  fanin,    ///< N publishers, one subscriber
  shared,   ///< N publishers, the members of one share group
  rate,     ///< pairs at a given total rate, whatever the answers
  connect,  ///< N clients connect as fast as they can
  retained, ///< N retained messages stored, then drained by a wildcard
  offline,  ///< N messages for absent sessions, drained at their return
};

[[nodiscard]] const char* to_string(scenario kind) noexcept;

/// One run. Counts of zero mean "the scenario's default"; `parse_options`
/// replaces them, so that afterwards every field holds what is used.
struct options {
  scenario kind{};

  std::string host = "127.0.0.1";
  std::uint16_t port = 1883;
  std::string user;
  std::string password;
  /// Through a WebSocket at /mqtt.
  bool over_websocket = false;
  mqtt::protocol_version version = mqtt::protocol_version::v3_1_1;
  /// TLS, without a look at the server's certificate.
  bool tls = false;
  /// Connections go on from an earlier handshake.
  bool tls_resume = false;

  std::uint32_t clients = 0;
  /// Of the share group.
  std::uint32_t members = 4;
  /// Per publisher; in `retained` the number of topics. Absent: by time.
  std::optional<std::uint32_t> messages;
  /// Length of the measured part of a run by time.
  double seconds = 5;
  /// Traffic before that, which is checked but not measured.
  double warm_up_seconds = 1;
  /// Payload bytes, at least `payload_stamp_bytes`.
  std::size_t size = 64;
  mqtt::qos quality{};
  /// Messages of one publisher that may be neither received by all who must
  /// nor, with QoS 1 and 2, acknowledged.
  std::uint32_t window = 0;
  /// Subscribers have sessions that outlive their connections; they end with
  /// the run.
  bool is_persistent = false;
  /// Further subscribers of all topics, who read nothing.
  std::uint32_t silent = 0;
  /// Messages per second of all publishers together.
  double rate = 20'000;
  /// CONNECTs without an answer at any time.
  std::uint32_t concurrency = 100;
  /// How long `connect` keeps its clients.
  double hold_seconds = 0;
  /// CONNECTs per second; 0: as fast as they are answered.
  double connect_rate = 0;
  /// `connect` closes each client when it is connected.
  bool is_dropping = false;

  std::string topic_prefix;
  unsigned threads = 1;
  /// The server's process, whose CPU and memory are read; absent: none is.
  std::optional<int> pid;
  /// Without any progress for so long a run ends as stalled.
  double timeout_seconds = 10;
  bool verify_filler = false;
  bool json = false;
};

/// What to print, and the exit code, when there is nothing to run.
struct usage_exit {
  std::string text;
  int code = 0;
};

[[nodiscard]] std::variant<options, usage_exit>
parse_options(int argc, const char* const* argv);

} // namespace hetzel::test::load
