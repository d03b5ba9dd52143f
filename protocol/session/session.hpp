#pragma once

#include "protocol/delivery.hpp"
#include "protocol/output_buffer.hpp"
#include "protocol/packet.hpp"
#include "protocol/session/auth_method.hpp"
#include "protocol/session/handshake.hpp"
#include "protocol/session/keep_alive.hpp"
#include "protocol/session/limits.hpp"
#include "protocol/session/session_state.hpp"
#include "protocol/session/topic_alias.hpp"

#include <cstddef>
#include <span>

namespace hetzel::mqtt {

/// How a session ended, for the will and for the counters.
struct session_end {
  /// Of DISCONNECT in either direction; `unspecified_error` for a transport
  /// that broke.
  reason_code code{};
  /// True when the client sent DISCONNECT 0x00: the will is discarded
  /// [MQTT-3.14.4-3].
  bool will_discarded = false;
  /// From the client's DISCONNECT, when it has one.
  std::optional<std::optional<std::chrono::seconds>> session_expiry;
};

/// Counted facts, by name of the counter; each is a packet or its fault.
enum class session_event : unsigned char {
  publish_received,
  publish_sent,
  puback_invalid,
  pubrec_invalid,
  pubcomp_invalid,
  publish_expired,
  packet_too_large_dropped,
  publish_resent,
  keep_alive_expired,
};

/// What a session asks of the world. All calls happen inside calls to the
/// session; views are valid for the call only.
class session_sink {
public:
  virtual ~session_sink() = default;

  /// Route it, then call `session::complete_publish` for QoS 1 and 2: inside
  /// this call or later, in the order of arrival or not. The alias is resolved
  /// and the properties are those that travel on.
  virtual void on_publish(const publish& packet) = 0;

  /// Answer with `complete_subscribe`; no further packet is handled before.
  /// Filters are validated except those whose code in `codes` is an error.
  virtual void on_subscribe(const subscribe& packet,
                            std::span<const reason_code> codes) = 0;

  /// Answer with `complete_unsubscribe`; no further packet is handled before.
  virtual void on_unsubscribe(const unsubscribe& packet) = 0;

  /// A delivery needs no further care: acknowledged, or refused by the client.
  virtual void on_settled(const delivery& done) = 0;

  /// A delivery could not be sent (expired, larger than the client accepts)
  /// and is forgotten.
  virtual void on_dropped(const delivery& dropped, session_event why) = 0;

  /// The connection must end once `output` is written; called once, last.
  virtual void on_end(const session_end& end) = 0;

  virtual void count(session_event event) = 0;

  /// Packet counters by type and code; `sent` tells the direction.
  virtual void count_packet(packet_type type, reason_code code, bool sent) = 0;
};

/// The protocol rules of one connection: flow control, packet identifiers, QoS
/// state, aliases, keep alive, packet size (MQTT 5 chapter 4). No clock, no
/// socket: bytes and time come in, bytes go into `output`, the rest to the
/// sink.
class session {
public:
  /// `state` and `sink` must outlive it. `request` is kept only for the call.
  session(const session_limits& limits, const connect_request& request,
          session_state& state, session_sink& sink);

  /// Writes CONNACK, then resends what was in flight with DUP [MQTT-4.4.0-1].
  void start(bool session_present, time_point now);

  /// Handles the complete packets at the front of `buffer`, removes them from
  /// it, and stops early when paused or ended.
  void on_bytes(bytes_view& buffer, time_point now);

  /// Waiting for `complete_subscribe` or `complete_unsubscribe`, or ended.
  [[nodiscard]] bool is_paused() const noexcept;
  [[nodiscard]] bool has_ended() const noexcept;

  /// How many QoS 1/2 deliveries may be sent now. QoS 0 is not limited here.
  [[nodiscard]] std::size_t credit() const noexcept;

  /// Sends one message. Precondition: QoS 0, or `credit() > 0`.
  void deliver(delivery&& item, time_point now);

  void complete_publish(packet_id id, qos quality, reason_code code);
  void complete_subscribe(packet_id id, std::span<const reason_code> codes);
  void complete_unsubscribe(packet_id id, std::span<const reason_code> codes);

  /// Ends it from the server's side: DISCONNECT for 5.0 when `code` may be
  /// sent, nothing for 3.x; then `on_end`.
  void end(reason_code code);

  /// The transport broke or was closed by the peer.
  void on_transport_closed();

  /// Keep alive and, for 3.x, resending. Returns when to call again; nullopt:
  /// nothing to watch.
  std::optional<time_point> on_timer(time_point now);

  /// What to write. The owner flushes it.
  [[nodiscard]] output_buffer& output() noexcept { return output_; }
};

} // namespace hetzel::mqtt
