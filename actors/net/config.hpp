#pragma once

#include "actors/net/network_list.hpp"
#include "actors/net/tls/tls_config.hpp"
#include "actors/net/websocket/options.hpp"
#include "protocol/session/limits.hpp"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace hetzel::net {

/// What stands between the socket and MQTT.
enum class listener_kind : unsigned char {
  tcp, ///< nothing
  ssl, ///< TLS
  ws,  ///< WebSocket
  wss, ///< WebSocket, and TLS below it
};

/// The word in `listeners.<kind>`.
[[nodiscard]] const char* to_string(listener_kind kind) noexcept;

/// The PROXY header that a load balancer sends in front of everything else.
struct proxy_config {
  /// `proxy_protocol`: everybody comes through a proxy; without its header
  /// nobody is let in.
  bool is_on = false;
  /// `proxy_protocol_trusted`: whose header is believed. It decides about the
  /// client's address and user name, so that by default it is this machine
  /// alone. Who connects through a local socket is trusted.
  network_list trusted = loopback_networks();
  /// `proxy_protocol_use_cn_as_username`: of a certificate that the proxy has
  /// verified.
  bool takes_common_name = true;

  bool operator==(const proxy_config&) const = default;
};

/// What a message of QoS 1 or 2 has survived when its publisher is told that
/// it was accepted, if it is stored: nothing, the end of the process, a loss of
/// power.
enum class message_durability : unsigned char { relaxed, written, synced };

/// One listening socket and what its connections get. Plain values, checked
/// when the configuration was read; passed by value. Key names in backquotes
/// stand below `listeners.<kind>.<name>.`.
struct listener_config {
  /// Kind and name, e.g. "tcp.default"; unique within a node.
  std::string name;
  listener_kind kind = listener_kind::tcp;
  /// An IPv4 or IPv6 literal without brackets, or the path of a local socket.
  std::string address;
  /// 0: the system chooses; `bound_listener` tells which.
  std::uint16_t port = 0;

  /// `max_connections`: open connections, from accept to close; further ones
  /// are closed at once and counted. 1…; default 100,000, and never more than
  /// the process has file descriptors for.
  std::size_t max_connections = 100'000;
  /// Key `mqtt_connect_timeout`: from accept, or behind the handshake of
  /// TLS, to an admitted CONNECT, AUTH packets included. 1 ms…10 min;
  /// default 5 s.
  std::chrono::milliseconds connect_timeout{5'000};
  /// `tls_handshake_timeout`, of a listener with TLS: from accept to the end
  /// of the handshake of all its layers, before `connect_timeout` begins.
  /// 1 ms…10 min; default 5 s.
  std::chrono::milliseconds handshake_timeout{5'000};

  /// `max_accept_rate`: connections per second, of which one second's worth may
  /// come at once; further ones wait in the backlog. 1…; nullopt, the default:
  /// no limit.
  std::optional<std::uint32_t> accept_rate_max;
  /// `max_connection_lifetime`, counted from CONNACK; nullopt, the default:
  /// without end.
  std::optional<std::chrono::seconds> connection_lifetime_max;

  /// `allowed_protocol_versions`; default 3, 4, 5, 131.
  mqtt::session_limits::versions allowed_versions;
  /// `mountpoint`: the name space of client ids, topics and retained messages
  /// of this listener's clients; default empty.
  std::string mountpoint;
  /// `allow_anonymous_override`: true admits everybody here, whatever
  /// `allow_anonymous` says; default false.
  bool allow_anonymous_override = false;
  /// `message_durability`: of what this listener's clients publish; nullopt
  /// (node), the default: as the node's key of that name says.
  std::optional<net::message_durability> message_durability;
  /// `auth_plugins`, `authz_plugins`: the plugins that may decide about clients
  /// of this listener, and what they publish and subscribe, in that order;
  /// empty, the default: all there are.
  std::vector<std::string> auth_plugins;
  std::vector<std::string> authz_plugins;

  /// Of TLS listeners only.
  tls_config tls;
  /// `tls_handshake_rate`: connections per second that are accepted, which is
  /// how many handshakes begin; the others wait in the backlog. 1…1,000,000;
  /// nullopt, the default: no limit.
  std::optional<std::uint32_t> handshake_rate;

  /// `nodelay`: TCP_NODELAY; default true.
  bool nodelay = true;
  /// `backlog`: connections the kernel holds for accept. 1…65,535; default
  /// 4,096 (the kernel cuts it to net.core.somaxconn).
  int backlog = 4'096;
  /// `buffer_sizes` = "send,receive": SO_SNDBUF and SO_RCVBUF in bytes, each
  /// 1 KB…16 MB; nullopt, the default, leaves them to the kernel.
  std::optional<std::size_t> send_buffer;
  std::optional<std::size_t> receive_buffer;
  /// `tcp_user_timeout`: how long what was sent may stay unacknowledged by the
  /// peer's system; nullopt, the default: the kernel's quarter of an hour.
  std::optional<std::chrono::milliseconds> user_timeout;
  /// `tcp_keepalive`: silence after which the peer's system is asked; nullopt,
  /// the default: the kernel's two hours.
  std::optional<std::chrono::seconds> keepalive_idle;
  /// `socket_mode`: permissions of the file of a local socket.
  unsigned socket_mode = 0660;

  proxy_config proxy;
  /// Of kinds `ws` and `wss`.
  websocket::layer_options websocket;

  bool operator==(const listener_config&) const = default;
};

/// Whether it listens on a local (Unix domain) socket.
[[nodiscard]] inline bool is_local(const listener_config& of) noexcept {
  return of.address.starts_with('/');
}

} // namespace hetzel::net
