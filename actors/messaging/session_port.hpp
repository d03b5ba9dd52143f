#pragma once

#include "actors/messaging/storage/receipt.hpp"
#include "protocol/delivery.hpp"
#include "protocol/reason_code.hpp"

#include <cstddef>
#include <span>

namespace hetzel::messaging {

/// What a queue sees of the session attached to it. Both are pinned to one
/// reactor, so the calls are plain calls; either side may end inside them.
class session_port {
public:
  virtual ~session_port() = default;

  /// Whether `deliver` may be called with it: the client's window and its
  /// socket have room.
  [[nodiscard]] virtual bool can_take(const mqtt::delivery& item) const = 0;

  virtual void deliver(mqtt::delivery&& item) = 0;

  /// Answers SUBSCRIBE and UNSUBSCRIBE.
  virtual void complete_subscribe(mqtt::packet_id id,
                                  std::span<const mqtt::reason_code> codes)
    = 0;
  virtual void complete_unsubscribe(mqtt::packet_id id,
                                    std::span<const mqtt::reason_code> codes)
    = 0;

  /// Who was to store a PUBLISH of this client has, or could not.
  virtual void on_settlement(const settlement& of) = 0;

  /// What waits for the client is being read from disk: until it is here, the
  /// client is not read.
  virtual void set_loading(bool on) = 0;

  /// The store knows that PUBREC came for that id.
  virtual void complete_received(mqtt::packet_id id) = 0;

  /// The metadata has what `queue::attach` wrote there; only when that said so.
  virtual void on_recorded() = 0;

  /// Ends the session with that code. It has detached when this returns.
  virtual void end(mqtt::reason_code code) = 0;
};

} // namespace hetzel::messaging
