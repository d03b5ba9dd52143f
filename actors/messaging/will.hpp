#pragma once

#include "protocol/message.hpp"
#include "protocol/packet.hpp"

#include <chrono>
#include <memory>
#include <optional>
#include <string>

namespace hetzel::messaging {

/// A will message with all that it needs to be published after its connection
/// is gone (MQTT 5, 3.1.2.5).
struct will {
  std::string topic_name;
  std::string payload;
  /// Coded properties that travel with the message.
  std::string properties;
  mqtt::qos quality{};
  bool retain = false;
  std::optional<std::chrono::seconds> expiry_interval;
  /// After the server's cap.
  std::chrono::seconds delay{0};
  /// Whose it is, for who hears that it was published.
  std::optional<std::string> user_name;
  mqtt::protocol_version version{};

  /// Null when the CONNECT has none.
  [[nodiscard]] static std::unique_ptr<will>
  copy_of(const mqtt::connect& packet, std::chrono::seconds delay);

  /// The message, published now: its expiry counts from here.
  [[nodiscard]] mqtt::message_ptr
  to_message(mqtt::bytes_view mountpoint, mqtt::publisher_id publisher,
             mqtt::time_point now) const;
};

} // namespace hetzel::messaging
