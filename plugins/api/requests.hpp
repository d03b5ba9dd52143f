#pragma once

#include "plugins/api/hook.hpp"
#include "protocol/packet.hpp"
#include "protocol/property.hpp"
#include "protocol/reason_code.hpp"

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>

/// What providers are asked and told, one struct per hook, for both forms of
/// it: `client.version` tells the protocol, and properties are empty for 3.x.
///
/// All text is borrowed and valid for the call only; who keeps a request owns a
/// copy (`owned_request`). Each struct lists its views in `for_each_view`,
/// which is all that copying needs to know.

namespace hetzel::plugins {

struct session_attachment;

/// VerneMQ's subscriber id.
struct subscriber {
  mqtt::bytes_view mountpoint;
  mqtt::bytes_view client_id;

  template <class F>
  void for_each_view(F&& f) {
    f(mountpoint);
    f(client_id);
  }
};

/// Who a request is about.
struct client {
  subscriber id;
  /// As a provider may have replaced it; nullopt: the client gave none.
  std::optional<mqtt::bytes_view> user_name;
  mqtt::protocol_version version{};
  /// What a provider attached when the client came or proved itself anew; the
  /// last one prevails. Null: nobody did.
  std::shared_ptr<const session_attachment> attachment{};

  [[nodiscard]] hook_form form() const noexcept { return form_of(version); }

  template <class F>
  void for_each_view(F&& f) {
    id.for_each_view(f);
    f(user_name);
  }
};

/// Where a connection came in and from; VerneMQ's `opts` and `peer`.
struct connection {
  /// Address and port, "192.0.2.1:1234" or "[2001:db8::1]:1234"; of the client
  /// itself when a proxy told it.
  mqtt::bytes_view peer;
  /// Kind and name, e.g. "tcp.default".
  mqtt::bytes_view listener;
  mqtt::bytes_view listener_address;
  std::uint16_t listener_port = 0;
  /// mqtt, mqtts, mqttws, mqttwss.
  mqtt::bytes_view listener_type;
  /// The client's certificate in DER; empty: it sent none.
  mqtt::bytes_view client_certificate;

  template <class F>
  void for_each_view(F&& f) {
    f(peer);
    f(listener);
    f(listener_address);
    f(listener_type);
    f(client_certificate);
  }
};

/// `auth_on_register` and `on_register`; the latter has no password.
struct register_request {
  plugins::client client;
  /// Never to be logged.
  std::optional<mqtt::bytes_view> password;
  bool clean_start = false;
  plugins::connection connection;
  /// By which the client has just proved itself; empty: none. Who says `next`
  /// to such a client lets it in.
  mqtt::bytes_view auth_method;
  /// Of CONNECT.
  mqtt::property_view properties;

  template <class F>
  void for_each_view(F&& f) {
    client.for_each_view(f);
    f(password);
    connection.for_each_view(f);
    f(auth_method);
    f(properties);
  }
};

/// `auth_on_publish` and `on_publish`; the latter with modified values.
struct publish_request {
  plugins::client client;
  mqtt::bytes_view topic_name;
  mqtt::bytes_view payload;
  mqtt::qos quality{};
  bool retain = false;
  /// It is the will of a CONNECT.
  bool is_will = false;
  std::optional<std::chrono::seconds> expiry_interval;
  /// Those that travel: without alias and expiry.
  mqtt::property_view properties;

  template <class F>
  void for_each_view(F&& f) {
    client.for_each_view(f);
    f(topic_name);
    f(payload);
    f(properties);
  }
};

/// `auth_on_subscribe`, with the filters that are valid, and `on_subscribe`,
/// with all, and in `codes` what each of them was granted.
struct subscribe_request {
  plugins::client client;
  std::span<const mqtt::subscribe_entry> topics;
  std::span<const mqtt::reason_code> codes;
  /// 0: none.
  std::uint32_t subscription_id = 0;
  mqtt::property_view properties;

  template <class F>
  void for_each_view(F&& f) {
    client.for_each_view(f);
    f(topics);
    f(codes);
    f(properties);
  }
};

/// `on_unsubscribe`.
struct unsubscribe_request {
  plugins::client client;
  std::span<const mqtt::bytes_view> topic_filters;
  mqtt::property_view properties;

  template <class F>
  void for_each_view(F&& f) {
    client.for_each_view(f);
    f(topic_filters);
    f(properties);
  }
};

/// `on_deliver`; the client is the receiver, properties are the publisher's.
struct deliver_request {
  plugins::client client;
  mqtt::bytes_view topic_name;
  mqtt::bytes_view payload;
  mqtt::qos quality{};
  bool retain = false;
  mqtt::property_view properties;

  template <class F>
  void for_each_view(F&& f) {
    client.for_each_view(f);
    f(topic_name);
    f(payload);
    f(properties);
  }
};

/// `on_auth`: Authentication Data of CONNECT or AUTH.
struct auth_request {
  plugins::client client;
  mqtt::bytes_view method;
  mqtt::bytes_view data;
  /// The same for all steps of one exchange, unique in this process.
  std::uint64_t exchange = 0;
  /// The first step of its exchange.
  bool is_first = false;
  /// The client is connected and proves itself anew.
  bool is_reauthentication = false;

  template <class F>
  void for_each_view(F&& f) {
    client.for_each_view(f);
    f(method);
    f(data);
  }
};

/// `on_client_wakeup`, `on_client_offline`, `on_client_gone` and
/// `on_session_expired`.
struct session_event {
  subscriber id;

  template <class F>
  void for_each_view(F&& f) {
    id.for_each_view(f);
  }
};

enum class drop_reason : unsigned char {
  queue_full,
  expired,
  max_packet_size_exceeded,
};

/// VerneMQ's word for it.
[[nodiscard]] constexpr std::string_view to_string(drop_reason why) noexcept {
  switch (why) {
  case drop_reason::queue_full:
    return "queue_full";
  case drop_reason::expired:
    return "expired";
  case drop_reason::max_packet_size_exceeded:
    return "max_packet_size_exceeded";
  }
  return {};
}

/// `on_offline_message` and `on_message_drop`, about a message of `id`'s queue.
struct message_event {
  subscriber id;
  mqtt::bytes_view topic_name;
  mqtt::bytes_view payload;
  mqtt::qos quality{};
  bool retain = false;
  /// Of `on_message_drop`.
  drop_reason reason{};
  mqtt::property_view properties;

  template <class F>
  void for_each_view(F&& f) {
    id.for_each_view(f);
    f(topic_name);
    f(payload);
    f(properties);
  }
};

/// `on_topic_unsubscribed`.
struct unsubscribed_event {
  subscriber id;
  /// All that there were; then `topic_filters` is empty.
  bool is_all = false;
  std::span<const mqtt::bytes_view> topic_filters;

  template <class F>
  void for_each_view(F&& f) {
    id.for_each_view(f);
    f(topic_filters);
  }
};

/// `on_config_change`: names of the keys, in no order; values may be secret.
struct config_event {
  std::span<const mqtt::bytes_view> keys;

  template <class F>
  void for_each_view(F&& f) {
    f(keys);
  }
};

} // namespace hetzel::plugins
