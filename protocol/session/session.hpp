#pragma once

#include "protocol/decoder.hpp"
#include "protocol/delivery.hpp"
#include "protocol/output_buffer.hpp"
#include "protocol/packet.hpp"
#include "protocol/publish_writer.hpp"
#include "protocol/session/enhanced_auth.hpp"
#include "protocol/session/handshake.hpp"
#include "protocol/session/keep_alive.hpp"
#include "protocol/session/limits.hpp"
#include "protocol/session/session_sink.hpp"
#include "protocol/session/session_state.hpp"
#include "protocol/session/topic_alias.hpp"

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>

namespace hetzel::mqtt {

/// The protocol rules of one connection: flow control, packet identifiers, QoS
/// state, aliases, keep alive, packet size (MQTT 5 chapter 4). No clock, no
/// socket: bytes and time come in, bytes go into `output`, the rest to the
/// sink. A client that breaks a rule ends the session with the reason code of
/// the rule; a 5.0 client is told by DISCONNECT.
class session {
public:
  /// `state`, `sink` and `methods` must outlive it; `limits` and `request` are
  /// kept only for the call. `methods` serves re-authentication and may be
  /// null when there is none.
  session(const session_limits& limits, const connect_request& request,
          session_state& state, session_sink& sink,
          const auth_methods* methods = nullptr);

  /// Writes CONNACK, then resends what was in flight with DUP [MQTT-4.4.0-1].
  /// From here on `state` is this session's until it has ended, which it has
  /// at once when the client takes no packet as large as its CONNACK.
  void start(bool session_present, time_point now);

  /// Handles the complete packets at the front of `buffer`, removes them from
  /// it, and stops early when paused or ended.
  void on_bytes(bytes_view& buffer, time_point now);

  /// Waiting for `complete_subscribe`, `complete_unsubscribe` or
  /// `on_auth_step`, held, or ended.
  [[nodiscard]] bool is_paused() const noexcept {
    return is_held_ || is_awaiting_reply() || has_ended_;
  }
  [[nodiscard]] bool is_awaiting_reply() const noexcept {
    return awaits_ != reply::none;
  }

  /// Keeps `on_bytes` from handling further packets, also from within a call to
  /// the sink, until it is let go.
  void hold(bool on) noexcept { is_held_ = on; }

  [[nodiscard]] bool has_ended() const noexcept { return has_ended_; }

  /// How many QoS 1/2 deliveries may be sent now. QoS 0 is not limited here.
  [[nodiscard]] std::size_t credit() const noexcept {
    return state_.outbound.credit();
  }

  /// The client takes more deliveries of QoS 1 and 2, by and large.
  [[nodiscard]] bool has_room() const noexcept {
    return state_.outbound.has_room();
  }

  /// Whether a delivery with that record may be sent now.
  [[nodiscard]] bool can_open(std::uint64_t stored) const noexcept {
    return state_.outbound.can_open(stored);
  }

  /// Sends one message. Preconditions, asserted: not ended; QoS 0, or
  /// `can_open(item.stored)`.
  void deliver(delivery&& item, time_point now);

  /// The answer to a PUBLISH of this connection. 3.x cannot refuse: an error
  /// code leaves the PUBLISH unanswered and forgotten, so that the client may
  /// send it again. `reason` is the Reason String, sent when the client wants
  /// problem information and has room for it. QoS 2 only: an answer for an
  /// earlier connection of the same client is taken too.
  void complete_publish(packet_id id, qos quality, reason_code code,
                        bytes_view reason = {});

  /// What the sink said it would store is stored: PUBREL and PUBCOMP may leave.
  /// Ids that wait for nothing are ignored.
  void complete_received(packet_id id);
  void complete_release(packet_id id);

  /// SUBACK and UNSUBACK. One that is larger than the client takes ends the
  /// session: the client would wait for it for ever.
  void complete_subscribe(packet_id id, std::span<const reason_code> codes,
                          bytes_view reason = {});
  void complete_unsubscribe(packet_id id, std::span<const reason_code> codes,
                            bytes_view reason = {});

  /// A step of a re-authentication that was pending: AUTH, or the end. Before
  /// it no further packet is handled.
  void on_auth_step(const auth_step& step);

  /// Ends it from the server's side: DISCONNECT for 5.0 when `code` may be
  /// sent, nothing for 3.x; then `on_end`. No effect when it has ended.
  void end(reason_code code, bytes_view reason = {});

  /// The transport broke or was closed by the peer.
  void on_transport_closed();

  /// Keep alive, the connection's lifetime and, for 3.x, resending. Returns
  /// when to call again; nullopt: nothing to watch, until the sink's
  /// `on_deadline` says otherwise.
  std::optional<time_point> on_timer(time_point now);

  /// The owner did not read for a while: until `now` silence is not the
  /// client's fault.
  void excuse_silence(time_point now) noexcept { keep_alive_.on_packet(now); }

  /// What to write. The owner flushes it.
  [[nodiscard]] output_buffer& output() noexcept { return output_; }

private:
  enum class reply : unsigned char { none, suback, unsuback, auth };

  [[nodiscard]] bool is_v5() const noexcept {
    return version_ == protocol_version::v5;
  }

  void refuse_start();

  // -- from the client: session_input.cpp ------------------------------------
  void on_packet(const frame& packet, time_point now);
  void on_publish(const frame& packet);
  [[nodiscard]] bool resolve_topic(publish& packet);
  [[nodiscard]] bool admit(const publish& packet);
  void route(publish& packet);
  void on_publish_reply(const frame& packet, time_point now);
  void on_puback(const publish_reply& packet, time_point now);
  void on_pubrec(const publish_reply& packet, time_point now);
  void on_pubrel(const publish_reply& packet);
  void on_pubcomp(const publish_reply& packet, time_point now);

  // -- from the client: session_requests.cpp ---------------------------------
  void on_request(const frame& packet);
  void on_subscribe(subscribe& packet);
  void on_unsubscribe(const unsubscribe& packet);
  void on_pingreq();
  void on_disconnect(const disconnect& packet);
  void on_auth(const auth& packet);

  // -- deliveries: session_delivery.cpp --------------------------------------
  [[nodiscard]] bool send_publish(const delivery& item, publish_form form,
                                  time_point now);
  void settle(outbound_flow::exchange& open, time_point now);
  void resend_backlog(time_point now);
  [[nodiscard]] bool resend(const outbound_flow::exchange& open,
                            time_point now);
  [[nodiscard]] std::optional<time_point> resend_overdue(time_point now);
  void expect_answer(time_point now);

  // -- to the client: session_output.cpp -------------------------------------
  void send_publish_reply(packet_type type, packet_id id, reason_code code,
                          bytes_view reason = {});
  template <class Encode>
  bool send(packet_type type, reason_code code, Encode&& write);
  template <class Encode>
  bool explain(packet_type type, reason_code code, bytes_view reason,
               Encode&& write);
  void fail(reason_code code, bytes_view reason);
  void finish(const session_end& end);

  session_state& state_;
  session_sink& sink_;
  output_buffer output_;
  keep_alive keep_alive_;
  /// What `on_timer` or `on_deadline` said last.
  time_point deadline_ = time_point::max();

  /// When the connection has lasted long enough.
  time_point lifetime_end_ = time_point::max();

  topic_limits topics_;
  std::size_t packet_size_max_;        // from the client
  std::size_t client_packet_size_max_; // to the client
  duration resend_interval_;           // zero: never
  /// Cap for an interval in DISCONNECT; nullopt: none.
  std::optional<std::chrono::seconds> session_expiry_max_;
  /// Of this connection; nullopt: none.
  std::optional<std::chrono::seconds> lifetime_max_;
  std::uint16_t send_window_;
  std::uint16_t receive_maximum_;
  protocol_version version_;
  bool is_bridge_;
  bool wants_problem_reasons_;
  bool is_expiry_fixed_; // zero in CONNECT, so zero for ever [MQTT-3.14.2-2]
  bool has_ended_ = false;
  bool is_held_ = false;
  reply awaits_ = reply::none;

  inbound_aliases aliases_in_;
  std::unique_ptr<outbound_aliases> aliases_out_; // null: none agreed on
  std::unique_ptr<enhanced_auth> auth_;           // null: none in CONNECT
  std::string connack_properties_;                // until `start`
};

} // namespace hetzel::mqtt
