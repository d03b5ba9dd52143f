#pragma once

#include "protocol/delivery.hpp"
#include "protocol/packet.hpp"

#include <chrono>
#include <optional>
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
  lifetime_ended,
};

/// What a session asks of the world. All calls happen inside calls to the
/// session; views are valid for the call only. A sink may call the session
/// back, but must not destroy it before the outer call has returned.
class session_sink {
public:
  virtual ~session_sink() = default;

  /// Route it, then call `session::complete_publish` for QoS 1 and 2: inside
  /// this call or later, in the order of arrival or not. The alias is resolved
  /// and the properties are those that travel on: alias and expiry are taken
  /// out of them (`expiry_interval` has the latter).
  virtual void on_publish(const publish& packet) = 0;

  /// Answer with `complete_subscribe`; no further packet is handled before.
  /// Filters are validated except those whose code in `codes` is an error.
  virtual void on_subscribe(const subscribe& packet,
                            std::span<const reason_code> codes) = 0;

  /// Answer with `complete_unsubscribe`; no further packet is handled before.
  virtual void on_unsubscribe(const unsubscribe& packet) = 0;

  /// A delivery of QoS 1 or 2 needs no further care: acknowledged, or refused
  /// by the client.
  virtual void on_settled(const delivery& done) = 0;

  /// PUBREC came for a delivery of QoS 2. False: PUBREL waits until
  /// `session::complete_received`, on this connection or a later one.
  virtual bool on_received(const delivery& taken, packet_id id) {
    static_cast<void>(taken);
    static_cast<void>(id);
    return true;
  }

  /// PUBREL came for a PUBLISH that was routed. False: PUBCOMP waits until
  /// `session::complete_release`, on this connection or a later one.
  virtual bool on_released(packet_id id) {
    static_cast<void>(id);
    return true;
  }

  /// A delivery could not be sent (expired, larger than the client accepts)
  /// and is forgotten.
  virtual void on_dropped(const delivery& dropped, session_event why) = 0;

  /// The connection must end once `output` is written; called once, last.
  virtual void on_end(const session_end& end) = 0;

  /// `on_timer` is wanted at `at`, which is earlier than it last said. A sink
  /// that ignores this resends to 3.x clients late.
  virtual void on_deadline(time_point at) { static_cast<void>(at); }

  virtual void count(session_event event) = 0;

  /// Every packet but PUBLISH, which `count` counts; `sent` tells the
  /// direction. The code is `success` where a packet has none.
  virtual void count_packet(packet_type type, reason_code code, bool sent) = 0;
};

} // namespace hetzel::mqtt
