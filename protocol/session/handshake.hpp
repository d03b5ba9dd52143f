#pragma once

#include "protocol/packet.hpp"
#include "protocol/session/auth_method.hpp"
#include "protocol/session/limits.hpp"

#include <cstddef>
#include <memory>
#include <string>

namespace hetzel::mqtt {

/// A CONNECT that was admitted, with the bytes its views point into. What the
/// server decided replaces what the client asked for.
struct connect_request {
  std::string bytes;
  connect packet;
  /// The client's, or the one assigned.
  std::string client_id;
  bool client_id_assigned = false;
  /// After `keep_alive_max`; zero: no check.
  std::chrono::seconds keep_alive{0};
  bool keep_alive_changed = false;
  /// After the caps; zero ends the session with the connection, nullopt: never.
  std::optional<std::chrono::seconds> session_expiry;
  /// After `will_delay_max`.
  std::chrono::seconds will_delay{0};
  /// Of a finished enhanced authentication, for CONNACK; else empty.
  std::string auth_method;
  std::string auth_data;
};

/// What the transport's owner may answer about plain credentials.
class admission {
public:
  virtual ~admission() = default;

  /// `success` or the code to refuse with. Called once per CONNECT without an
  /// Authentication Method.
  [[nodiscard]] virtual reason_code authenticate(const connect& packet) = 0;

  /// A client id nobody else has, for a client that sent none.
  [[nodiscard]] virtual std::string assign_client_id() = 0;
};

/// The rules before a session exists: the first packet must be an acceptable
/// CONNECT [MQTT-3.1.0-1], then AUTH packets as long as the method wants them.
/// Bytes in, a status out; CONNACK refusals and AUTH challenges are left in
/// `output` for the caller to write. Time limits are the caller's.
class handshake {
public:
  enum class status {
    pending,  ///< needs more bytes
    admitted, ///< `take_request` has the CONNECT; the rest of the bytes stay
    refused,  ///< write `output`, then close
  };

  /// `methods` may be null: no enhanced authentication. All must outlive it.
  handshake(const session_limits& limits, admission& decide,
            const auth_methods* methods);

  /// Consumes whole packets from the front of `buffer`.
  [[nodiscard]] status on_bytes(bytes_view& buffer);

  /// Bytes for the client; the caller takes them.
  [[nodiscard]] std::string& output() noexcept { return output_; }

  /// Why it was refused, for logs and counters.
  [[nodiscard]] reason_code reason() const noexcept { return reason_; }

  /// Precondition: admitted.
  [[nodiscard]] std::unique_ptr<connect_request> take_request() noexcept;

private:
  [[nodiscard]] status on_connect(bytes_view frame_bytes);
  [[nodiscard]] status on_auth(bytes_view data);
  [[nodiscard]] status refuse(reason_code code);

  const session_limits& limits_;
  admission& decide_;
  const auth_methods* methods_;
  std::unique_ptr<auth_exchange> exchange_;
  std::unique_ptr<connect_request> request_;
  std::string output_;
  reason_code reason_ = reason_code::success;
};

} // namespace hetzel::mqtt
