#pragma once

#include "test/load/client.hpp"
#include "test/load/connect_queue.hpp"
#include "test/load/publish_template.hpp"

#include <atomic>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace hetzel::test::load {

class delivery_progress;

struct publisher_settings {
  std::uint32_t index = 0;
  std::string topic_name;
  std::size_t payload_size = 0;
  mqtt::qos quality{};
  bool retain = false;
  std::uint32_t window = 0;
};

/// Sends numbered messages, as many as are due, as fast as the window allows.
/// For its loop's thread, except where said.
class publisher final : public client_events, public tick_task {
public:
  publisher(event_loop& loop, connect_queue& connects, client_settings client,
            publisher_settings settings);

  /// What the window waits for besides acknowledgements. Before any message.
  void follow(const delivery_progress& part) { parts_.push_back(&part); }

  /// Whether the parts' messages add up (share group) or the slowest counts.
  void set_adds_up(bool adds_up) { adds_up_ = adds_up; }

  void connect() { connects_.push(client_); }
  void close() { client_.close(); }

  /// Messages 0…`count`−1 are due now.
  void release(std::uint32_t count);

  /// One more message is due. `first` and `interval` date them all: each is
  /// stamped with when it was due, not with when it left.
  void release_one();
  void set_schedule(steady_time first, double interval_ns);

  /// Nothing after what has left will be sent.
  void stop() { due_ = sent_; }

  /// A part moved in `where`, whose thread this is called from.
  void on_progress(event_loop& where);

  /// Sends what another thread's progress allows, if there was any.
  void take_progress();

  // -- for the report; from any thread when the loop has stopped -------------

  [[nodiscard]] std::uint32_t sent() const noexcept { return sent_; }
  [[nodiscard]] std::uint32_t acknowledged() const noexcept { return acked_; }
  [[nodiscard]] std::uint64_t refused() const noexcept { return refused_; }
  [[nodiscard]] std::uint64_t acks_out_of_order() const noexcept {
    return acks_out_of_order_;
  }
  [[nodiscard]] const std::string& failure() const noexcept { return failure_; }

  // -- from any thread -------------------------------------------------------

  [[nodiscard]] bool is_ready() const noexcept { return is_ready_; }
  [[nodiscard]] bool has_failed() const noexcept { return has_failed_; }

  void on_connected(client&, const mqtt::connack& answer) override;
  void on_acknowledged(client&, mqtt::packet_id id, bool refused) override;
  void on_batch_end(client&) override;
  void on_drained(client&) override { client_.loop().defer(*this); }
  void on_pong(client&) override { is_ready_ = true; }
  void on_failed(client&, const std::string& reason) override;
  void on_tick_end() override { send_due(); }

  [[nodiscard]] client& connection() noexcept { return client_; }

  /// Makes `is_ready` true again once the server has taken all before.
  void flush_through() {
    is_ready_ = false;
    client_.ping();
  }

private:
  /// One past the last message that may leave now.
  [[nodiscard]] std::uint32_t limit() const noexcept;
  [[nodiscard]] std::uint32_t delivered() const noexcept;
  void send_due();
  void time_acknowledgement(client& one);

  connect_queue& connects_;
  publisher_settings settings_;
  publish_template packet_;
  std::vector<const delivery_progress*> parts_;
  bool adds_up_ = false;
  bool is_answered_ = false;
  std::uint32_t in_flight_max_;
  /// When those in flight were sent or due, by their numbers in turn.
  std::vector<std::uint64_t> stamps_ns_;
  std::uint32_t due_ = 0;
  std::uint32_t sent_ = 0;
  std::uint32_t acked_ = 0;
  std::uint32_t acked_counted_ = 0;
  std::uint64_t first_due_ns_ = 0;
  double interval_ns_ = 0;
  std::uint64_t refused_ = 0;
  std::uint64_t acks_out_of_order_ = 0;
  std::string failure_;
  std::atomic<bool> is_ready_{false};
  std::atomic<bool> has_failed_{false};
  std::atomic<bool> has_progress_{false};
  client client_;
};

} // namespace hetzel::test::load
