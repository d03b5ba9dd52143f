#pragma once

#include "protocol/basic_types.hpp"
#include "protocol/delivery.hpp"
#include "protocol/output_buffer.hpp"
#include "protocol/variable_byte_integer.hpp"

#include <cstddef>
#include <cstdint>

/// PUBLISH for one subscriber, written from the message straight into the
/// output buffer: the same bytes as `encode(publish, …)`, without a packet in
/// between. The hottest code of the broker; a QoS 0 packet of 3.x is its fixed
/// header and one copy.

namespace hetzel::mqtt {

/// What one PUBLISH adds to the delivery in it.
struct publish_form {
  protocol_version version{};
  /// For QoS 1 and 2.
  packet_id id = 0;
  bool dup = false;
  /// 5.0; zero: none.
  std::uint16_t topic_alias = 0;
  /// The client knows `topic_alias` already: the topic name is left out.
  bool topic_known = false;
};

/// The sizes of one PUBLISH, computed before a byte of it is written.
struct publish_layout {
  std::uint32_t properties_size = 0;
  /// What is left of Message Expiry Interval; only when the message has one.
  std::uint32_t expiry_seconds = 0;
  /// Of the body. May be above `remaining_length_max`: it cannot be sent then.
  std::size_t remaining_length = 0;

  /// The whole packet with its fixed header.
  [[nodiscard]] std::size_t packet_size() const noexcept {
    return 1 + variable_byte_integer_size(remaining_length) + remaining_length;
  }
};

/// `now` counts down Message Expiry Interval [MQTT-3.3.2-6]: seconds waited
/// are whole ones, so that a message on time keeps its value; zero when the
/// time is over (a resent packet).
[[nodiscard]] publish_layout plan_publish(const delivery& item,
                                          const publish_form& form,
                                          time_point now) noexcept;

/// Appends the packet. Precondition: `layout` is `plan_publish` of the same
/// item and form, and `remaining_length` is at most `remaining_length_max`.
void write_publish(output_buffer& out, const delivery& item,
                   const publish_form& form, const publish_layout& layout);

} // namespace hetzel::mqtt
