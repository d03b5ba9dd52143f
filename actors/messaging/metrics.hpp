#pragma once

#include "actors/net/counter.hpp"
#include "protocol/packet.hpp"
#include "protocol/reason_code.hpp"

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace hetzel::messaging {

/// Counted facts of sessions, queues and routing. `names` has their metric
/// names in the same order.
enum class metric : unsigned char {
  client_keepalive_expired,
  client_lifetime_ended,
  client_expired,
  session_takeover,
  publish_auth_error,
  publish_error,
  subscribe_error,
  puback_invalid,
  pubrec_invalid,
  pubcomp_invalid,
  publish_resent,
  publish_too_large_dropped,
  publisher_stalled,
  queue_setup,
  queue_teardown,
  queue_message_in,
  queue_message_out,
  queue_message_drop,
  queue_bytes_drop,
  queue_message_expired,
  queue_message_unhandled,
  router_matches_local,
  shared_redistributed,
  delivery_stale,
  will_published,
  will_cancelled,
  retain_rejected,
  retain_expired,
  overload_connect_refused,
  overload_publish_dropped,
  overload_slow_dropped,
  overload_disconnected,
  count_ // number of metrics, not one of them
};

inline constexpr std::size_t metrics_count
  = static_cast<std::size_t>(metric::count_);

[[nodiscard]] std::string_view to_string(metric which) noexcept;

/// What one reactor counted: written there only, read by anybody.
class metrics {
public:
  void add(metric which, std::uint64_t amount = 1) noexcept {
    facts_[static_cast<std::size_t>(which)].add(amount);
  }

  /// Only error codes are kept apart by code; all successes are one.
  void add_packet(mqtt::packet_type type, mqtt::reason_code code,
                  bool sent) noexcept {
    packets_[sent][static_cast<std::size_t>(type)].add();
    if (mqtt::is_error(code))
      errors_[sent][static_cast<unsigned char>(code) - 0x80U].add();
  }

  [[nodiscard]] std::uint64_t value(metric which) const noexcept {
    return facts_[static_cast<std::size_t>(which)].value();
  }

  [[nodiscard]] std::uint64_t packets(mqtt::packet_type type,
                                      bool sent) const noexcept {
    return packets_[sent][static_cast<std::size_t>(type)].value();
  }

  [[nodiscard]] std::uint64_t errors(mqtt::reason_code code,
                                     bool sent) const noexcept {
    return errors_[sent][static_cast<unsigned char>(code) - 0x80U].value();
  }

private:
  std::array<net::counter, metrics_count> facts_;
  std::array<std::array<net::counter, 16>, 2> packets_;
  std::array<std::array<net::counter, 64>, 2> errors_;
};

} // namespace hetzel::messaging
