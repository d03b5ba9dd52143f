#include "actors/messaging/metrics.hpp"

namespace hetzel::messaging {

namespace {

constexpr std::array<std::string_view, metrics_count> metric_names{
  "client_keepalive_expired",
  "client_lifetime_ended",
  "client_expired",
  "session_takeover",
  "mqtt_publish_auth_error",
  "mqtt_publish_error",
  "mqtt_subscribe_error",
  "mqtt_puback_invalid_error",
  "mqtt_pubrec_invalid_error",
  "mqtt_pubcomp_invalid_error",
  "mqtt_publish_resent",
  "mqtt_publish_too_large_dropped",
  "publisher_stalled",
  "queue_setup",
  "queue_teardown",
  "queue_message_in",
  "queue_message_out",
  "queue_message_drop",
  "queue_bytes_drop",
  "queue_message_expired",
  "queue_message_unhandled",
  "router_matches_local",
  "shared_redistributed",
  "delivery_stale",
  "will_published",
  "will_cancelled",
  "retain_rejected",
  "retain_expired",
  "overload_connect_refused",
  "overload_publish_dropped",
  "overload_slow_dropped",
  "overload_disconnected",
};

static_assert(!metric_names.back().empty(), "each metric has a name");

} // namespace

std::string_view to_string(metric which) noexcept {
  return metric_names[static_cast<std::size_t>(which)];
}

} // namespace hetzel::messaging
