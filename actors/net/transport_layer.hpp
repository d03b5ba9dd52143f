#pragma once

#include "actors/net/peer_identity.hpp"
#include "protocol/basic_types.hpp"
#include "protocol/output_buffer.hpp"

#include <cstddef>
#include <memory>
#include <string>

namespace hetzel::net {

/// Why a layer failed; one counter each.
enum class transport_fault : unsigned char {
  none,
  foreign,               ///< the peer speaks another protocol altogether
  malformed,             ///< it speaks this one, and wrongly
  no_common,             ///< version, cipher, application protocol, path
  peer_refused,          ///< the peer said that it does not want us
  certificate_missing,
  certificate_expired,   ///< or not valid yet
  certificate_revoked,
  certificate_untrusted, ///< whatever else is wrong with it
  psk_refused,           ///< unknown identity, or another key
  untrusted_proxy,       ///< the sender may not speak for others
  limit,                 ///< larger than it may be
  internal,              ///< ours
};

inline constexpr std::size_t transport_fault_count
  = static_cast<std::size_t>(transport_fault::internal) + 1;

/// "certificate_expired", as in logs and metrics.
[[nodiscard]] const char* to_string(transport_fault fault) noexcept;

/// One protocol between the socket and MQTT, such as TLS: bytes in, bytes out,
/// no I/O. Used by one thread at a time; it travels with its socket from gate
/// to home reactor, so it holds nothing that belongs to a thread.
class transport_layer {
public:
  enum class status : unsigned char {
    open,
    ended,  ///< the peer ended it in order
    failed, ///< `fault` and `failure` say why; `down` has the last word
  };

  virtual ~transport_layer() = default;

  /// Takes all of `received`, a read's worth at most; nothing at all begins
  /// what is ours to begin (the client's side of a handshake). Appends what is
  /// MQTT's to `up`, and what the peer must be sent (handshake, pong) to
  /// `down`. Not to be called again when it has answered other than `open`.
  [[nodiscard]] virtual status receive(mqtt::bytes_view received,
                                       std::string& up,
                                       mqtt::output_buffer& down)
    = 0;

  /// Moves about `bytes_max` of `output` at most, in the protocol's form, to
  /// `down`: something when it is established, nothing before that.
  virtual void send(mqtt::output_buffer& output, mqtt::output_buffer& down,
                    std::size_t bytes_max)
    = 0;

  /// Appends what announces the end (close_notify, Close).
  virtual void close(mqtt::output_buffer& down) = 0;

  /// The handshake is through: MQTT can pass, both ways.
  [[nodiscard]] virtual bool is_established() const noexcept = 0;

  /// All bytes pass unchanged from now on, both ways: who gives the socket on
  /// may leave the layer out once `down` is written (PROXY).
  [[nodiscard]] virtual bool is_transparent() const noexcept { return false; }

  /// The handshake went on from an earlier connection.
  [[nodiscard]] virtual bool is_resumed() const noexcept { return false; }

  /// Adds what it knows; precondition: established.
  virtual void describe(peer_identity&) const {}

  [[nodiscard]] virtual transport_fault fault() const noexcept = 0;

  /// For the log; empty unless it failed. The layer's, or static.
  [[nodiscard]] virtual const char* failure() const noexcept = 0;
};

/// The layers of one connection, and what they have not sent yet: what travels
/// with a socket. Null in the hands of whoever has a plain one.
struct layered_transport {
  explicit layered_transport(std::unique_ptr<transport_layer> of) noexcept
    : layer(std::move(of)) {}

  std::unique_ptr<transport_layer> layer;
  /// Bounded by who calls: `connection::sealed_max` and one read's answers.
  mqtt::output_buffer down;
  transport_layer::status status = transport_layer::status::open;
  /// The peer has sent something.
  bool is_begun = false;
};

using layered_ptr = std::unique_ptr<layered_transport>;

/// What is left to write of a connection that ends: `output` in the form of
/// its layers, and their own end. Of a plain one: `output`.
[[nodiscard]] mqtt::output_buffer last_bytes(layered_ptr layered,
                                             mqtt::output_buffer output);

/// Makes the layers of a listener's connections. Called from all gates, so
/// immutable or synchronised.
class layer_source {
public:
  virtual ~layer_source() = default;

  /// Never null: what cannot be made fails at its first byte.
  [[nodiscard]] virtual std::unique_ptr<transport_layer> make() = 0;
};

} // namespace hetzel::net
