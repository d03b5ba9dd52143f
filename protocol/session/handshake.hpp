#pragma once

#include "protocol/decoder.hpp"
#include "protocol/packet.hpp"
#include "protocol/session/auth_method.hpp"
#include "protocol/session/enhanced_auth.hpp"
#include "protocol/session/limits.hpp"

#include <cstddef>
#include <memory>
#include <optional>
#include <string>

namespace hetzel::mqtt {

/// A CONNECT that was admitted, with the bytes its views point into. What the
/// server decided replaces what the client asked for.
struct connect_request {
  std::string bytes;
  connect packet;
  /// What `packet.user_name` points to when the transport's owner knew better
  /// than the client.
  std::string user_name;
  /// The client's, or the one assigned.
  std::string client_id;
  bool client_id_assigned = false;
  /// After `keep_alive_max`; zero: no check.
  std::chrono::seconds keep_alive{0};
  bool keep_alive_changed = false;
  /// After the caps; zero ends the session with the connection, nullopt: never.
  std::optional<std::chrono::seconds> session_expiry{0};
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

  /// Who the client is by its transport (a certificate), in place of the user
  /// name that it sends; nullopt: its word. Called once per CONNECT, before
  /// anybody judges it.
  [[nodiscard]] virtual std::optional<std::string> user_name() {
    return std::nullopt;
  }

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

  /// Consumes whole packets from the front of `buffer`. Not to be called again
  /// when it has answered other than `pending`.
  [[nodiscard]] status on_bytes(bytes_view& buffer);

  /// Bytes for the client; the caller takes them.
  [[nodiscard]] std::string& output() noexcept { return output_; }

  /// Why it was refused, for logs and counters.
  [[nodiscard]] reason_code reason() const noexcept { return reason_; }

  /// Precondition: admitted.
  [[nodiscard]] std::unique_ptr<connect_request> take_request() noexcept {
    return std::move(request_);
  }

private:
  [[nodiscard]] status on_no_frame(bytes_view buffer, reason_code code);
  [[nodiscard]] status on_connect(bytes_view frame_bytes);
  [[nodiscard]] status on_undecoded_connect(bytes_view body, reason_code code);
  [[nodiscard]] status authenticate();
  [[nodiscard]] status on_exchange_packet(const frame& packet);
  [[nodiscard]] status on_auth_step(auth_step step);
  [[nodiscard]] status challenge(const auth_step& step);
  [[nodiscard]] status refuse(reason_code code, bytes_view reason);
  [[nodiscard]] status close(reason_code code) noexcept;

  const session_limits& limits_;
  admission& decide_;
  const auth_methods* methods_;
  std::unique_ptr<connect_request> request_; // from an accepted CONNECT on
  std::unique_ptr<enhanced_auth> auth_;      // while AUTH packets are due
  std::string output_;
  reason_code reason_ = reason_code::success;
};

/// Appends the CONNACK that refuses `packet`, in the form of its version;
/// nothing for a fault that 3.x has no return code for. `reason` is the Reason
/// String, sent to 5.0 clients that want problem information and have room.
void write_refusal(const connect& packet, reason_code code, bytes_view reason,
                   std::string& out);

} // namespace hetzel::mqtt
