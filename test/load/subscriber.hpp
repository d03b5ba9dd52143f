#pragma once

#include "test/load/arrival_map.hpp"
#include "test/load/client.hpp"
#include "test/load/connect_queue.hpp"
#include "test/load/payload.hpp"
#include "test/load/sequence_check.hpp"

#include <atomic>
#include <cstdint>
#include <string>
#include <vector>

namespace hetzel::test::load {

class delivery_progress;

struct subscriber_settings {
  std::string topic_filter;
  mqtt::qos quality{};
  /// Index of the first publisher heard; the tracks follow it.
  std::uint32_t publisher_first = 0;
};

/// How a subscriber follows one publisher.
struct delivery_track {
  /// Null without a closed loop.
  delivery_progress* progress = nullptr;
  /// Of a share group: the map of all members together. Order is then only
  /// that of the part which this member gets.
  arrival_map* arrivals = nullptr;
  sequence_check sequence;
};

/// Receives, checks and times messages. For its loop's thread, except where
/// said.
class subscriber final : public client_events {
public:
  /// The check must outlive the subscriber.
  subscriber(event_loop& loop, connect_queue& connects, client_settings client,
             subscriber_settings settings, const payload_check& check);

  /// Tracks are of consecutive publishers. Before any message.
  void follow(delivery_track track) { tracks_.push_back(std::move(track)); }

  void connect() { connects_.push(client_); }
  void close();

  [[nodiscard]] client& connection() noexcept { return client_; }

  /// False: `is_ready` after CONNACK, for a session that has subscribed.
  void set_subscribes(bool subscribes) { subscribes_ = subscribes; }

  // -- for the report; from any thread when the loop has stopped -------------

  /// The server had the session at the last CONNECT.
  [[nodiscard]] bool is_resumed() const noexcept { return is_resumed_; }

  [[nodiscard]] std::uint64_t received() const noexcept { return received_; }
  [[nodiscard]] std::uint64_t foreign() const noexcept { return foreign_; }
  [[nodiscard]] std::uint64_t shared_duplicates() const noexcept {
    return shared_duplicates_;
  }
  [[nodiscard]] const std::vector<delivery_track>& tracks() const noexcept {
    return tracks_;
  }
  [[nodiscard]] const std::string& failure() const noexcept { return failure_; }

  // -- from any thread -------------------------------------------------------

  [[nodiscard]] bool is_ready() const noexcept { return is_ready_; }
  [[nodiscard]] bool has_failed() const noexcept { return has_failed_; }

  void on_connected(client& one, const mqtt::connack& answer) override;
  void on_subscribed(client&) override { is_ready_ = true; }
  void on_publish(client& one, const scanned_publish& packet) override;
  void on_batch_end(client& one) override;
  void on_failed(client& one, const std::string& reason) override;

private:
  void on_arrival(delivery_track& track, std::uint32_t sequence);
  void on_shared_arrival(delivery_track& track, std::uint32_t sequence);

  connect_queue& connects_;
  subscriber_settings settings_;
  const payload_check& check_;
  std::vector<delivery_track> tracks_;
  bool subscribes_ = true;
  bool is_answered_ = false;
  std::atomic<bool> is_resumed_{false};
  /// Messages of the current batch that were new, or known lost.
  std::uint64_t batch_ = 0;
  std::uint64_t received_ = 0;
  std::uint64_t foreign_ = 0;
  std::uint64_t shared_duplicates_ = 0;
  std::string failure_;
  std::atomic<bool> is_ready_{false};
  std::atomic<bool> has_failed_{false};
  client client_;
};

} // namespace hetzel::test::load
