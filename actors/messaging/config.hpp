#pragma once

#include "actors/messaging/index/share_policy.hpp"
#include "actors/messaging/overload/config.hpp"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>

namespace hetzel::messaging {

/// `queue_type`: which message a full queue drops, and which goes first.
enum class queue_order : unsigned char {
  fifo, ///< drops the newest, delivers the oldest first
  lifo, ///< drops the oldest, delivers the newest first
};

/// Limits of each client's queue. Plain values; a queue keeps those it was
/// made with.
struct queue_limits {
  /// `max_online_messages`: waiting, not in flight, all QoS, while connected.
  /// 0: nothing is delivered; nullopt (-1): no limit; default 1,000.
  std::optional<std::size_t> online_max = 1'000;
  /// `max_offline_messages`: QoS 1 and 2 while disconnected. 0: nothing is
  /// kept; nullopt (-1): no limit; default 1,000.
  std::optional<std::size_t> offline_max = 1'000;
  /// `max_online_queue_bytes`, `max_offline_queue_bytes`: of the same messages,
  /// topic names and properties included. One message alone may exceed it. 0:
  /// as above; nullopt (-1): no limit, the default.
  std::optional<std::size_t> online_bytes_max = std::nullopt;
  std::optional<std::size_t> offline_bytes_max = std::nullopt;
  /// `override_max_online_messages`: coming back, all offline messages stay
  /// even when they exceed `online_max` or `online_bytes_max`; default false.
  bool override_online_max = false;
  /// Default fifo.
  queue_order order = queue_order::fifo;
};

/// Limits of the retained messages of this node, all mountpoints together. A
/// PUBLISH that would exceed one is routed but not retained (0x97 for 5.0).
struct retained_limits {
  /// `max_retained_messages`; nullopt (0): no limit; default 1,000,000.
  std::optional<std::size_t> count_max = 1'000'000;
  /// `max_retained_size`: memory of them all, topic names included; nullopt
  /// (0): no limit; default 1 GB.
  std::optional<std::size_t> bytes_max = std::size_t{1} << 30;
  /// `expire_retain_cache`: period of the sweep that frees expired ones; they
  /// are never delivered in any case. 0: no sweep; default 60 s.
  std::chrono::seconds expiry_sweep_interval{60};
};

/// What sessions, queues, subscriptions and retained messages may take.
struct messaging_config {
  queue_limits queues;
  retained_limits retained;
  overload_config overload;
  /// `shared_subscription_policy`; default prefer_local.
  share_policy shares = share_policy::prefer_local;

  /// `allow_anonymous`: true admits every CONNECT without asking; default
  /// false.
  bool allow_anonymous = false;
  /// `disconnect_on_unauthorized_publish_v3`: what becomes of a 3.1 client
  /// whose PUBLISH is refused: false, it is acknowledged and dropped; default
  /// false.
  bool disconnect_on_unauthorized_publish_v3 = false;
  /// `max_sessions`: sessions of this node, connected or not; a CONNECT that
  /// would make one more is refused with 0x97. 1…; default 1,000,000.
  std::size_t max_sessions = 1'000'000;
  /// `max_subscriptions_per_client`: SUBACK 0x97 (0x80 before 5.0) beyond;
  /// replacing is always allowed. nullopt (0): no limit; default 10,000.
  std::optional<std::size_t> subscriptions_per_client_max = 10'000;
  /// `suppress_lwt_on_session_takeover`; default false.
  bool suppress_will_on_takeover = false;
  /// `max_message_rate`: PUBLISH packets per second that one client may send;
  /// beyond it its socket is not read for a while. nullopt (0): no limit, the
  /// default.
  std::optional<std::uint32_t> message_rate_max;
  /// `max_write_buffer`: bytes that may wait for a slow socket before its
  /// session takes no more from the queue. 4 KB…; default 1 MB.
  std::size_t write_buffer_max = std::size_t{1} << 20;
};

} // namespace hetzel::messaging
