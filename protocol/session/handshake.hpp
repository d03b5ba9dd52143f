#pragma once

#include "protocol/decoder.hpp"
#include "protocol/packet.hpp"
#include "protocol/session/auth_method.hpp"
#include "protocol/session/enhanced_auth.hpp"
#include "protocol/session/limits.hpp"

#include <cstddef>
#include <forward_list>
#include <memory>
#include <optional>
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
  std::optional<std::chrono::seconds> session_expiry{0};
  /// After `will_delay_max`.
  std::chrono::seconds will_delay{0};
  /// The packet's, or who the client is to everybody behind the door.
  std::optional<std::string> user_name;
  /// Coded, for CONNACK.
  std::string user_properties;
  /// Text that views of `packet` point to, in the place of `bytes`.
  std::forward_list<std::string> replaced;
  /// Of a finished enhanced authentication, for CONNACK; else empty.
  std::string auth_method;
  std::string auth_data;
  std::shared_ptr<const void> auth_granted;
};

/// What is decided about a client; what of its CONNECT is changed stands in the
/// `connect_request`.
struct judgement {
  /// `success` or the code to refuse with.
  reason_code code{};
  /// Reason String and Server Reference for a 5.0 client; empty: none.
  std::string reason{};
  std::string server_reference{};
};

/// Who decides about clients, for the transport's owner.
class admission {
public:
  virtual ~admission() = default;

  /// Who the client is by its transport (a certificate), in place of the user
  /// name that it sends; nullopt: its word. Called once per CONNECT, before
  /// anybody judges it.
  [[nodiscard]] virtual std::optional<std::string> user_name() {
    return std::nullopt;
  }

  /// Called once per CONNECT that keeps the rules, behind a finished enhanced
  /// authentication (`request.auth_method`) if there was one. May change the
  /// request. nullopt: `handshake::on_judged` will be told.
  [[nodiscard]] virtual std::optional<judgement>
  judge(connect_request& request) = 0;

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
    deciding, ///< somebody has to answer first: no bytes until then
    admitted, ///< `take_request` has the CONNECT; the rest of the bytes stay
    refused,  ///< write `output`, then close
  };

  /// `methods` may be null: no enhanced authentication. All must outlive it.
  handshake(const session_limits& limits, admission& decide,
            const auth_methods* methods);

  /// Consumes whole packets from the front of `buffer`. Not to be called again
  /// when it has answered other than `pending`.
  [[nodiscard]] status on_bytes(bytes_view& buffer);

  /// What `deciding` waited for: a judgement, or a step of the Authentication
  /// Method.
  [[nodiscard]] status on_judged(const judgement& said);
  [[nodiscard]] status on_auth_step(auth_step step);

  /// Precondition: on_bytes has answered `deciding`.
  [[nodiscard]] connect_request& request() noexcept { return *request_; }

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
  [[nodiscard]] status judge();
  [[nodiscard]] status on_exchange_packet(const frame& packet);
  [[nodiscard]] status challenge(const auth_step& step);
  [[nodiscard]] status refuse(reason_code code, bytes_view reason,
                              bytes_view server_reference = {});
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
/// nothing for a fault that 3.x has no return code for. The Reason String goes
/// to 5.0 clients that want problem information, and like the Server Reference
/// to those that have room.
void write_refusal(const connect& packet, const judgement& said,
                   std::string& out);

} // namespace hetzel::mqtt
