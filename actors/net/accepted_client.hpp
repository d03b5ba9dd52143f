#pragma once

#include "actors/net/config.hpp"
#include "actors/net/peer_identity.hpp"
#include "actors/net/socket_handle.hpp"
#include "actors/net/transport_layer.hpp"
#include "protocol/session/handshake.hpp"

#include <atomic>
#include <cstddef>
#include <memory>
#include <optional>
#include <string>

namespace hetzel::net {

/// A number of open connections; copies of it count together.
class connection_count {
public:
  /// The number before.
  std::size_t add() noexcept { return count_->fetch_add(1); }
  void subtract() noexcept { count_->fetch_sub(1); }

  operator std::size_t() const noexcept { return count_->load(); }

private:
  std::shared_ptr<std::atomic<std::size_t>> count_
    = std::make_shared<std::atomic<std::size_t>>(0);
};

/// What all connections of one listener share. A listener that is configured
/// anew has a new one, which counts on.
struct listener_context {
  listener_config config;
  /// Open connections, from accept to close.
  connection_count connections;
  /// Of TLS; null: none.
  std::shared_ptr<layer_source> layers;
};

/// A place among the connections of a listener; gives it back at destruction.
class connection_slot {
public:
  /// Null when the listener has `max_connections` already.
  [[nodiscard]] static std::unique_ptr<connection_slot>
  take(std::shared_ptr<listener_context> listener);

  explicit connection_slot(std::shared_ptr<listener_context> listener) noexcept;
  ~connection_slot();
  connection_slot(const connection_slot&) = delete;
  connection_slot& operator=(const connection_slot&) = delete;

  [[nodiscard]] const listener_config& config() const noexcept {
    return listener_->config;
  }

  /// The layers of a new connection, that `peer` began; null: none.
  [[nodiscard]] layered_ptr
  make_layers(const std::optional<ip_address>& peer) const;

private:
  std::shared_ptr<listener_context> listener_;
};

/// A socket on its way from the listener to a gate. Destroyed, it gives its
/// place back before the peer can see the end.
struct accepted_socket {
  socket_handle socket;
  std::unique_ptr<connection_slot> slot;
  /// Address and port of the peer, as text for logs and `describe`.
  std::string peer;
  /// Of the socket, whoever a proxy speaks for; nullopt: through a local one.
  std::optional<ip_address> ip;
  /// What its layers told of it, once they are established; null: nothing.
  std::unique_ptr<peer_identity> identity;
};

/// A client whose CONNECT was admitted, on its way to its home reactor.
struct accepted_client : accepted_socket {
  std::unique_ptr<mqtt::connect_request> request;
  /// Null: a plain socket.
  layered_ptr layered;
  /// What the client sent behind its CONNECT.
  std::string unread;
};

/// What a gate asks about clients. Implemented above this folder; called from
/// every reactor, so immutable or synchronised.
class connect_policy {
public:
  virtual ~connect_policy() = default;

  [[nodiscard]] virtual mqtt::session_limits
  limits(const listener_config& listener) const = 0;

  /// Null: no enhanced authentication.
  [[nodiscard]] virtual const mqtt::auth_methods* methods() const = 0;

  [[nodiscard]] virtual mqtt::reason_code
  authenticate(const mqtt::connect& packet,
               const listener_config& listener) const = 0;

  [[nodiscard]] virtual std::string assign_client_id() = 0;

  /// Takes the client over; answers it from its home reactor.
  virtual void admit(std::shared_ptr<accepted_client> client) = 0;
};

} // namespace hetzel::net
