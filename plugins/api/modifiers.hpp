#pragma once

#include "protocol/basic_types.hpp"
#include "protocol/packet.hpp"
#include "protocol/reason_code.hpp"

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

/// What a provider may change along with `ok`, typed (spec
/// plugins-and-hooks.md, 5). nullopt leaves a thing as it is. Providers whose
/// answers come as names and values (scripts, webhooks) have them read by
/// `parse_modifiers`; all of them are checked by `check` before they are used.

namespace hetzel::plugins {

using user_properties = std::vector<std::pair<std::string, std::string>>;

enum class queue_kind : unsigned char { fifo, lifo };

/// VerneMQ's `shared_subscription_policy`.
enum class share_choice : unsigned char {
  prefer_local,
  random,
  local_only,
  prefer_online_before_local,
};

/// What a provider knows of one connection, given back to it with each question
/// about that. Only the provider knows what it is.
struct session_attachment {
  virtual ~session_attachment() = default;
};

using session_attachment_ptr = std::shared_ptr<const session_attachment>;

struct subscriber_id {
  std::string mountpoint;
  std::string client_id;
};

/// Of `auth_on_register`. Accepted without effect, since a node here has
/// nothing that they could change: the `allow_` four (they are about VerneMQ's
/// net splits), `shares`, `queue`, `upgrade_qos` and the two of draining.
struct register_modifiers {
  /// Another identity; its Session is the one that CONNECT goes on with.
  std::optional<subscriber_id> identity;
  std::optional<std::string> user_name;
  /// Clean Session of 3.x, Clean Start of 5.0.
  std::optional<bool> clean_session;

  std::optional<bool> allow_register;
  std::optional<bool> allow_publish;
  std::optional<bool> allow_subscribe;
  std::optional<bool> allow_unsubscribe;

  /// Bytes; 0: as configured.
  std::optional<std::uint32_t> max_message_size;
  /// PUBLISH packets per second; 0: no limit.
  std::optional<std::uint32_t> max_message_rate;
  /// After which the connection ends (0xA0); 0: never.
  std::optional<std::chrono::seconds> max_connection_lifetime;
  /// 3.x: window of QoS 1 and 2; 0: no limit but packet ids.
  std::optional<std::uint16_t> max_inflight_messages;
  /// 3.x; 0: never.
  std::optional<std::chrono::milliseconds> retry_interval;
  std::optional<bool> upgrade_qos;
  std::optional<share_choice> shares;
  /// As the keys of these names; negative: no limit.
  std::optional<std::int64_t> max_online_messages;
  std::optional<std::int64_t> max_offline_messages;
  std::optional<queue_kind> queue;
  std::optional<std::chrono::milliseconds> max_drain_time;
  std::optional<std::uint32_t> max_msgs_per_drain_step;

  // -- 5.0 --------------------------------------------------------------------

  /// Sent in CONNACK.
  plugins::user_properties user_properties;
  /// Replaces the client's and is told to it; 0xFFFFFFFF s: never ends.
  std::optional<std::chrono::seconds> session_expiry_interval;
  /// Of the server, for CONNACK.
  std::optional<std::uint16_t> receive_maximum;
  std::optional<std::uint16_t> topic_alias_maximum;
  std::optional<std::string> response_information;

  /// For providers in this process; null: none.
  session_attachment_ptr attachment;
};

/// The property map of a message, which it replaces as a whole.
struct message_properties {
  /// True: UTF-8.
  std::optional<bool> payload_format_indicator;
  std::optional<std::chrono::seconds> message_expiry_interval;
  std::optional<std::string> content_type;
  std::optional<std::string> response_topic;
  std::optional<std::string> correlation_data;
  std::optional<std::chrono::seconds> will_delay_interval;
  plugins::user_properties user_properties;
};

/// Of `auth_on_publish`.
struct publish_modifiers {
  std::optional<std::string> topic_name;
  std::optional<std::string> payload;
  std::optional<mqtt::qos> quality;
  std::optional<bool> retain;
  std::optional<std::string> mountpoint;
  /// The client is not read for so long.
  std::optional<std::chrono::milliseconds> throttle;
  std::optional<message_properties> properties;
};

/// One filter of what `auth_on_subscribe` makes of a SUBSCRIBE.
struct topic_choice {
  std::string topic_filter;
  /// Granted QoS, or the error that refuses this filter.
  mqtt::reason_code code{};
  /// 5.0: nullopt, the defaults. Its QoS is not looked at.
  std::optional<mqtt::subscription_options> options;
};

/// Of `auth_on_subscribe`: replaces the list of the packet.
struct subscribe_modifiers {
  std::vector<topic_choice> topics;
};

/// Of `on_unsubscribe`: replaces the list of the packet.
struct unsubscribe_modifiers {
  std::vector<std::string> topic_filters;
};

/// Of `on_deliver`.
struct deliver_modifiers {
  std::optional<std::string> topic_name;
  std::optional<std::string> payload;
  /// Without expiry and will delay.
  std::optional<message_properties> properties;
};

/// Of `on_auth`.
struct auth_modifiers {
  /// `success` or `continue_authentication`.
  mqtt::reason_code code{};
  /// nullopt or the client's own; another one is an error.
  std::optional<std::string> method;
  std::string data;

  // -- of success, for providers in this process ------------------------------

  /// Who the client proved to be: replaces the user name for all that follows.
  /// At a re-authentication another one than before is an error.
  std::optional<std::string> user_name;
  /// From now on, as in `register_modifiers`.
  std::optional<std::chrono::seconds> max_connection_lifetime;
  session_attachment_ptr attachment;
};

} // namespace hetzel::plugins
