#pragma once

#include "protocol/session/limits.hpp"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace hetzel::net {

/// One listening socket and what its connections get. Plain values, checked
/// when the configuration was read; passed by value. Key names in backquotes
/// stand below `listeners.tcp.<name>.`.
struct listener_config {
  /// Kind and name, e.g. "tcp.default"; unique within a node.
  std::string name;
  /// An IPv4 or IPv6 literal without brackets.
  std::string address;
  /// 0: the system chooses; `bound_listener` tells which.
  std::uint16_t port = 0;

  /// `max_connections`: open connections, from accept to close; further ones
  /// are closed at once and counted. 1…; default 100,000, and never more than
  /// the process has file descriptors for.
  std::size_t max_connections = 100'000;
  /// Key `mqtt_connect_timeout`: from accept to an admitted CONNECT, AUTH
  /// packets included. 1 ms…10 min; default 5 s.
  std::chrono::milliseconds connect_timeout{5'000};

  /// `allowed_protocol_versions`; default 3, 4, 5, 131.
  mqtt::session_limits::versions allowed_versions;
  /// `mountpoint`: the name space of client ids, topics and retained messages
  /// of this listener's clients; default empty.
  std::string mountpoint;
  /// `allow_anonymous_override`: true admits everybody here, whatever
  /// `allow_anonymous` says; default false.
  bool allow_anonymous_override = false;
  /// `auth_plugins`, `authz_plugins`: the plugins that may decide about clients
  /// of this listener, and what they publish and subscribe, in that order;
  /// empty, the default: all there are.
  std::vector<std::string> auth_plugins;
  std::vector<std::string> authz_plugins;

  /// `nodelay`: TCP_NODELAY; default true.
  bool nodelay = true;
  /// `backlog`: connections the kernel holds for accept. 1…65,535; default
  /// 4,096 (the kernel cuts it to net.core.somaxconn).
  int backlog = 4'096;
  /// `buffer_sizes` = "send,receive": SO_SNDBUF and SO_RCVBUF in bytes, each
  /// 1 KB…16 MB; nullopt, the default, leaves them to the kernel.
  std::optional<std::size_t> send_buffer;
  std::optional<std::size_t> receive_buffer;
};

} // namespace hetzel::net
