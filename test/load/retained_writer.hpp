#pragma once

#include "test/load/client.hpp"
#include "test/load/connect_queue.hpp"

#include <atomic>
#include <cstdint>
#include <string>

namespace hetzel::test::load {

struct retained_settings {
  /// The n-th message goes to `topic_base`/n.
  std::string topic_base;
  std::uint32_t count = 0;
  std::size_t payload_size = 0;
  mqtt::qos quality{};
  std::uint32_t window = 0;
};

/// Stores one retained message per topic, or clears them all. For its loop's
/// thread, except where said.
class retained_writer final : public client_events, public tick_task {
public:
  retained_writer(event_loop& loop, connect_queue& connects,
                  client_settings client, retained_settings settings);

  void connect() { connects_.push(client_); }
  void close() { client_.close(); }

  /// Sends all; with `clears` without a payload, which removes them
  /// [MQTT-3.3.1-6]. `is_done` follows when the server has taken the last.
  void write_all(bool clears);

  // -- from any thread -------------------------------------------------------

  [[nodiscard]] bool is_ready() const noexcept { return is_ready_; }
  [[nodiscard]] bool is_done() const noexcept { return is_done_; }
  [[nodiscard]] bool has_failed() const noexcept { return has_failed_; }
  [[nodiscard]] std::uint32_t sent() const noexcept { return sent_; }
  [[nodiscard]] std::uint64_t refused() const noexcept { return refused_; }

  /// After `has_failed`.
  [[nodiscard]] const std::string& failure() const noexcept { return failure_; }

  void on_connected(client&, const mqtt::connack& answer) override;
  void on_acknowledged(client&, mqtt::packet_id, bool refused) override;
  void on_drained(client&) override { client_.loop().defer(*this); }
  void on_pong(client&) override { is_done_ = true; }
  void on_failed(client& one, const std::string& reason) override;
  void on_tick_end() override;

private:
  void append_message();

  connect_queue& connects_;
  retained_settings settings_;
  std::string payload_;
  bool is_answered_ = false;
  bool is_clearing_ = false;
  std::uint32_t acked_ = 0;
  std::string failure_;
  std::atomic<std::uint32_t> sent_{0};
  std::atomic<std::uint64_t> refused_{0};
  std::atomic<bool> is_ready_{false};
  std::atomic<bool> is_done_{false};
  std::atomic<bool> has_failed_{false};
  client client_;
};

} // namespace hetzel::test::load
