#include "actors/node/config/key_table.hpp"
#include "actors/node/config/store.hpp"

#include <array>
#include <limits>

namespace hetzel::node {

namespace {

using messaging::messaging_config;
using messaging::queue_limits;
using messaging::retained_limits;
using mqtt::session_limits;
using mqtt::topic_limits;
using net::websocket::frame_limits;

constexpr auto limits = &node_config::limits;
constexpr auto messages = &node_config::messaging;
constexpr auto queues = &messaging_config::queues;
constexpr auto retained = &messaging_config::retained;
constexpr auto topics = &session_limits::topics;

constexpr std::int64_t uint16_max = 65'535;
constexpr std::int64_t uint32_max = 4'294'967'295;
constexpr std::int64_t minute = 60'000;
constexpr std::int64_t day = 24 * 60 * minute;

/// VerneMQ compares with the Remaining Length, the session with the whole
/// packet: the fixed header comes on top.
void store_frame_size(node_config& to, const value& from) {
  to.websocket_frames.size_max
    = from.off ? std::numeric_limits<std::uint64_t>::max()
               : static_cast<std::uint64_t>(from.number);
}

void store_packet_size(node_config& to, const value& from) {
  const auto remaining = from.off
                           ? std::size_t{mqtt::remaining_length_max}
                           : static_cast<std::size_t>(from.number);
  std::size_t header = 2;
  for (auto rest = remaining >> 7; rest > 0; rest >>= 7)
    ++header;
  to.limits.packet_size_max = remaining + header;
}

using key = config_key<node_config>;

constexpr auto keys = std::to_array<key>({
  // -- connecting -------------------------------------------------------------
  {{.name = "allow_anonymous",
    .kind = value_kind::flag,
    .default_text = "off",
    .live = true,
    .doc = "Admits every client without asking who it is."},
   &store<messages, &messaging_config::allow_anonymous>},
  {{.name = "disconnect_on_unauthorized_publish_v3",
    .kind = value_kind::flag,
    .default_text = "off",
    .live = true,
    .doc = "A PUBLISH of a 3.1 client that plugins refuse ends the connection, "
           "instead of being acknowledged and dropped. 3.1.1 is always "
           "disconnected, 5.0 never."},
   &store<messages, &messaging_config::disconnect_on_unauthorized_publish_v3>},
  {{.name = "mqtt_connect_timeout",
    .kind = value_kind::duration,
    .default_text = "5s",
    .min = 1,
    .max = 10 * minute,
    .unit = "ms",
    .doc = "From the transport's connect to an admitted CONNECT; then the "
           "socket is closed."},
   &store<&node_config::connect_timeout>},
  {{.name = "max_pending_connects",
    .kind = value_kind::integer,
    .default_text = "20000",
    .min = 1,
    .max = 10'000'000,
    .unit = "sockets",
    .doc = "Sockets that have not said CONNECT yet; further ones are closed."},
   &store<&node_config::pending_connects_max>},
  {{.name = "max_ws_frame_size",
    .kind = value_kind::size,
    .default_text = "256MB",
    .off = "infinity",
    .min = 128,
    .max = std::int64_t{1} << 62,
    .doc = "Largest frame of a WebSocket client; a larger one ends the "
           "connection with 1009. MQTT packets have their own limit."},
   &store_frame_size},
  {{.name = "max_ws_inflated_size",
    .kind = value_kind::size,
    .default_text = "32MB",
    .min = 1 << 20,
    .max = 1 << 30,
    .doc = "What compressed frames that come together (in a read of 128 KB) "
           "may inflate to; more ends the connection with 1009."},
   &store<&node_config::websocket_frames, &frame_limits::inflated_max>},
  {{.name = "max_client_id_size",
    .kind = value_kind::integer,
    .default_text = "100",
    .min = 1,
    .max = uint16_max,
    .unit = "bytes",
    .live = true,
    .doc = "Longest client id; a longer one gets CONNACK 0x02 or 0x85."},
   &store<limits, &session_limits::client_id_size_max>},
  {{.name = "max_keep_alive",
    .kind = value_kind::duration,
    .default_text = "client",
    .off = "client",
    .min = 1'000,
    .max = uint16_max * 1'000,
    .unit = "s",
    .live = true,
    .doc = "Longest keep alive; a longer one or none is replaced, and 5.0 "
           "clients are told (Server Keep Alive)."},
   &store<limits, &session_limits::keep_alive_max>},
  {{.name = "suppress_lwt_on_session_takeover",
    .kind = value_kind::flag,
    .default_text = "off",
    .live = true,
    .doc = "Publishes no will when a connection ends because the same client "
           "connected again."},
   &store<messages, &messaging_config::suppress_will_on_takeover>},

  // -- sessions ---------------------------------------------------------------
  {{.name = "max_sessions",
    .kind = value_kind::integer,
    .default_text = "1000000",
    .min = 1,
    .max = 100'000'000,
    .unit = "sessions",
    .live = true,
    .doc = "Sessions of the node, connected or not; a CONNECT that would make "
           "one more is refused with 0x97 (3.x: 0x03)."},
   &store<messages, &messaging_config::max_sessions>},
  {{.name = "persistent_client_expiration",
    .kind = value_kind::expiry,
    .default_text = "never",
    .off = "never",
    .max = uint32_max,
    .live = true,
    .doc = "How long a 3.x session with clean session 0 outlives its "
           "connection."},
   &store_seconds<limits, &session_limits::persistent_client_expiration>},
  {{.name = "max_session_expiry",
    .kind = value_kind::expiry,
    .default_text = "client",
    .off = "client",
    .max = uint32_max,
    .live = true,
    .doc = "Cap of a 5.0 client's Session Expiry Interval; client takes its "
           "word."},
   &store_seconds<limits, &session_limits::session_expiry_max>},
  {{.name = "max_last_will_delay",
    .kind = value_kind::expiry,
    .default_text = "client",
    .off = "client",
    .max = uint32_max,
    .live = true,
    .doc = "Cap of a 5.0 client's Will Delay Interval; client takes its word."},
   &store_seconds<limits, &session_limits::will_delay_max>},
  {{.name = "max_inflight_messages",
    .kind = value_kind::integer,
    .default_text = "20",
    .max = uint16_max,
    .unit = "messages",
    .live = true,
    .doc = "QoS 1 and 2 messages on their way to a 3.x client without an "
           "acknowledgement; 0 is as many as there are packet ids, 1 keeps "
           "strict order."},
   &store<limits, &session_limits::in_flight_max_v3>},
  {{.name = "retry_interval",
    .kind = value_kind::duration,
    .default_text = "20s",
    .max = day,
    .unit = "s",
    .live = true,
    .doc = "After which an unacknowledged packet is sent again to a connected "
           "3.x client; 0 never does. 5.0 forbids it."},
   &store<limits, &session_limits::retry_interval>},
  {{.name = "receive_max_client",
    .kind = value_kind::integer,
    .default_text = "65535",
    .min = 1,
    .max = uint16_max,
    .unit = "messages",
    .live = true,
    .doc = "Cap of a 5.0 client's Receive Maximum."},
   &store<limits, &session_limits::receive_maximum_client>},
  {{.name = "receive_max_broker",
    .kind = value_kind::integer,
    .default_text = "65535",
    .min = 1,
    .max = uint16_max,
    .unit = "messages",
    .live = true,
    .doc = "Receive Maximum announced to 5.0 clients; one that exceeds it gets "
           "DISCONNECT 0x93."},
   &store<limits, &session_limits::receive_maximum_server>},
  {{.name = "topic_alias_max_client",
    .kind = value_kind::integer,
    .default_text = "10",
    .max = uint16_max,
    .unit = "aliases",
    .live = true,
    .doc = "Topic aliases that a 5.0 client may set; 0 announces none."},
   &store<limits, &session_limits::topic_alias_maximum_in>},
  {{.name = "topic_alias_max_broker",
    .kind = value_kind::integer,
    .default_text = "10",
    .max = uint16_max,
    .unit = "aliases",
    .live = true,
    .doc = "Topic aliases that the node sets towards a 5.0 client which allows "
           "it; 0 sets none."},
   &store<limits, &session_limits::topic_alias_maximum_out>},

  // -- publishing -------------------------------------------------------------
  {{.name = "max_message_size",
    .kind = value_kind::size,
    .default_text = "16MB",
    .off = "0",
    .min = 128,
    .max = mqtt::remaining_length_max,
    .unit = "bytes",
    .live = true,
    .doc = "Largest Remaining Length of a packet from a client, announced to "
           "5.0 clients as Maximum Packet Size; a larger packet ends the "
           "connection (0x95). 0 is the protocol's own limit."},
   &store_packet_size},
  {{.name = "max_message_rate",
    .kind = value_kind::integer,
    .default_text = "0",
    .off = "0",
    .max = uint32_max,
    .unit = "messages per second",
    .live = true,
    .doc = "PUBLISH packets that one client may send; beyond it its socket is "
           "not read for a while. 0 is no limit."},
   &store<messages, &messaging_config::message_rate_max>},
  {{.name = "topic_max_depth",
    .kind = value_kind::integer,
    .default_text = "10",
    .max = uint16_max,
    .unit = "levels",
    .live = true,
    .doc = "Levels of topic names and filters, those of $share counted; 0 is "
           "no limit."},
   &store<limits, topics, &topic_limits::depth_max>},
  {{.name = "max_topic_length",
    .kind = value_kind::integer,
    .default_text = "65535",
    .min = 1,
    .max = uint16_max,
    .unit = "bytes",
    .live = true,
    .doc = "Length of topic names and filters."},
   &store<limits, topics, &topic_limits::length_max>},
  {{.name = "upgrade_outgoing_qos",
    .kind = value_kind::flag,
    .default_text = "off",
    .live = true,
    .doc = "Delivers with the subscription's QoS even when the publisher used "
           "a lower one."},
   &store<limits, &session_limits::upgrade_outgoing_qos>},

  // -- subscriptions ----------------------------------------------------------
  {{.name = "max_subscriptions_per_client",
    .kind = value_kind::integer,
    .default_text = "10000",
    .off = "0",
    .max = 100'000'000,
    .unit = "subscriptions",
    .live = true,
    .doc = "Beyond it SUBACK says 0x80 or 0x97; replacing one is always "
           "allowed. 0 is no limit."},
   &store<messages, &messaging_config::subscriptions_per_client_max>},
  {{.name = "shared_subscription_policy",
    .kind = value_kind::choice,
    .default_text = "prefer_local",
    .words = "prefer_local random local_only prefer_online_before_local "
             "round_robin sticky hash hash_topic least_loaded",
    .live = true,
    .doc = "Which member of a share group gets a message. On a single node "
           "VerneMQ's four names mean a random one."},
   &store<messages, &messaging_config::shares>},
  {{.name = "subscriber_retain_mode",
    .kind = value_kind::choice,
    .default_text = "immediate",
    .words = "immediate syncwait",
    .doc = "No effect: retained messages are always those of the moment of "
           "SUBSCRIBE."}},

  // -- queues -----------------------------------------------------------------
  {{.name = "max_online_messages",
    .kind = value_kind::integer,
    .default_text = "1000",
    .off = "-1",
    .max = 1'000'000'000,
    .unit = "messages",
    .live = true,
    .doc = "Waiting for a connected client, in flight not counted. -1 is no "
           "limit, 0 delivers nothing."},
   &store<messages, queues, &queue_limits::online_max>},
  {{.name = "max_offline_messages",
    .kind = value_kind::integer,
    .default_text = "1000",
    .off = "-1",
    .max = 1'000'000'000,
    .unit = "messages",
    .live = true,
    .doc = "QoS 1 and 2 messages kept for a disconnected client. -1 is no "
           "limit, 0 keeps nothing."},
   &store<messages, queues, &queue_limits::offline_max>},
  {{.name = "max_online_queue_bytes",
    .kind = value_kind::size,
    .default_text = "-1",
    .off = "-1",
    .max = std::int64_t{1} << 40,
    .unit = "bytes",
    .live = true,
    .doc = "Of the messages that wait for a connected client, topic names and "
           "properties included; what is dropped is as with the number of "
           "them. -1 is no limit."},
   &store<messages, queues, &queue_limits::online_bytes_max>},
  {{.name = "max_offline_queue_bytes",
    .kind = value_kind::size,
    .default_text = "-1",
    .off = "-1",
    .max = std::int64_t{1} << 40,
    .unit = "bytes",
    .live = true,
    .doc = "Of the messages kept for a disconnected client. -1 is no limit."},
   &store<messages, queues, &queue_limits::offline_bytes_max>},
  {{.name = "override_max_online_messages",
    .kind = value_kind::flag,
    .default_text = "off",
    .live = true,
    .doc = "All offline messages stay when their client comes back, even if "
           "they exceed max_online_messages or max_online_queue_bytes."},
   &store<messages, queues, &queue_limits::override_online_max>},
  {{.name = "queue_type",
    .kind = value_kind::choice,
    .default_text = "fifo",
    .words = "fifo lifo",
    .live = true,
    .doc = "fifo delivers the oldest first and drops the newest when full; "
           "lifo delivers the newest first and drops the oldest."},
   &store<messages, queues, &queue_limits::order>},
  {{.name = "queue_deliver_mode",
    .kind = value_kind::choice,
    .default_text = "fanout",
    .words = "fanout balance",
    .doc = "No effect: a queue has one session, as in VerneMQ since 2.0."}},
  {{.name = "max_write_buffer",
    .kind = value_kind::size,
    .default_text = "1MB",
    .min = 4'096,
    .max = std::int64_t{1} << 30,
    .unit = "bytes",
    .live = true,
    .doc = "Bytes that may wait for a slow socket before its session takes no "
           "more from the queue."},
   &store<messages, &messaging_config::write_buffer_max>},

  // -- retained messages ------------------------------------------------------
  {{.name = "max_retained_messages",
    .kind = value_kind::integer,
    .default_text = "1000000",
    .off = "0",
    .max = 1'000'000'000,
    .unit = "messages",
    .live = true,
    .doc = "Beyond it a PUBLISH is routed but not retained. 0 is no limit."},
   &store<messages, retained, &retained_limits::count_max>},
  {{.name = "max_retained_size",
    .kind = value_kind::size,
    .default_text = "1GB",
    .off = "0",
    .max = std::int64_t{1} << 40,
    .unit = "bytes",
    .live = true,
    .doc = "Memory of all retained messages, topic names included. 0 is no "
           "limit."},
   &store<messages, retained, &retained_limits::bytes_max>},
  {{.name = "expire_retain_cache",
    .kind = value_kind::duration,
    .default_text = "60s",
    .max = day,
    .unit = "s",
    .doc = "Period of the sweep that frees expired retained messages, which "
           "are never delivered in any case; 0 sweeps never."},
   &store<messages, retained, &retained_limits::expiry_sweep_interval>},
});

} // namespace

std::span<const config_key<node_config>> session_keys() noexcept {
  return keys;
}

} // namespace hetzel::node
