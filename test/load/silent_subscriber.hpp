#pragma once

#include "test/load/client.hpp"
#include "test/load/connect_queue.hpp"

#include <atomic>
#include <string>

namespace hetzel::test::load {

/// A subscriber that reads nothing behind its SUBACK: what the server has for
/// it stays in socket buffers and in the server. That the server ends the
/// connection is no fault. For its loop's thread, except where said.
class silent_subscriber final : public client_events {
public:
  silent_subscriber(event_loop& loop, connect_queue& connects,
                    client_settings client, std::string topic_filter,
                    mqtt::qos quality);

  void connect() { connects_.push(client_); }
  void close();

  // -- from any thread -------------------------------------------------------

  [[nodiscard]] bool is_ready() const noexcept { return is_ready_; }
  /// Before it had subscribed.
  [[nodiscard]] bool has_failed() const noexcept { return has_failed_; }
  /// Because of that; from any thread when the loop has stopped.
  [[nodiscard]] const std::string& failure() const noexcept { return failure_; }
  /// The server ended the connection.
  [[nodiscard]] bool was_closed() const noexcept { return was_closed_; }

  void on_connected(client& one, const mqtt::connack& answer) override;
  void on_subscribed(client& one) override;
  void on_failed(client& one, const std::string& reason) override;

private:
  connect_queue& connects_;
  std::string topic_filter_;
  mqtt::qos quality_;
  bool is_answered_ = false;
  std::string failure_;
  std::atomic<bool> is_ready_{false};
  std::atomic<bool> has_failed_{false};
  std::atomic<bool> was_closed_{false};
  client client_;
};

} // namespace hetzel::test::load
