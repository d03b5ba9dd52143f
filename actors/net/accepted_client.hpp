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

/// What was granted to a client while it was judged. Only who implements
/// `connect_policy` knows what it is.
struct client_grants {
  virtual ~client_grants() = default;
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
  /// Of the client: the listener's, unless somebody decides otherwise.
  std::string mountpoint;
  /// Null: nothing beside what all clients get.
  std::shared_ptr<const client_grants> grants;
};

/// Who waits for an answer about its client that comes later, on its thread.
class judgement_waiter {
public:
  /// Lets the answer through as long as the waiter lives.
  using ticket = std::weak_ptr<judgement_waiter* const>;

  judgement_waiter() = default;
  judgement_waiter(const judgement_waiter&) = delete;
  judgement_waiter& operator=(const judgement_waiter&) = delete;
  virtual ~judgement_waiter() = default;

  [[nodiscard]] ticket wait() {
    if (!self_)
      self_ = std::make_shared<judgement_waiter* const>(this);
    return self_;
  }

  virtual void on_judged(const mqtt::judgement& said) = 0;
  virtual void on_auth_step(const mqtt::auth_step& step) = 0;

private:
  std::shared_ptr<judgement_waiter* const> self_;
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

  /// Whether a byte of it is read at all.
  [[nodiscard]] virtual bool welcomes(const accepted_socket&) const {
    return true;
  }

  /// Decides about a CONNECT that keeps the rules. May change the request, and
  /// mountpoint and grants in `from`. nullopt: `later` will hear it, unless it
  /// is gone before.
  [[nodiscard]] virtual std::optional<mqtt::judgement>
  judge(mqtt::connect_request& request, accepted_socket& from,
        judgement_waiter& later)
    = 0;

  /// An exchange of enhanced authentication; null: there is no such method.
  /// The three outlive it; `later` hears of steps that were pending.
  [[nodiscard]] virtual std::unique_ptr<mqtt::auth_exchange>
  start_auth(mqtt::bytes_view method, const mqtt::connect_request& request,
             const accepted_socket& from, judgement_waiter& later)
    = 0;

  [[nodiscard]] virtual std::string assign_client_id() = 0;

  /// Takes the client over; answers it from its home reactor.
  virtual void admit(std::shared_ptr<accepted_client> client) = 0;
};

} // namespace hetzel::net
