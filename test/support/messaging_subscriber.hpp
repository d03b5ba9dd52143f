#pragma once

#include "actors/messaging/queue.hpp"
#include "test/support/messaging_node.hpp"

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace hetzel::test {

/// A queue with nothing real around it: actor and session are played here, so
/// that a test decides what the client takes and when time passes. The site's
/// reactors must not run.
class messaging_subscriber final : public messaging::queue_actor_port,
                                   public messaging::session_port {
public:
  messaging_subscriber(messaging_site& around, std::string_view client_id);

  // -- the client ------------------------------------------------------------

  /// Returns Session Present.
  bool connect(std::optional<std::chrono::seconds> session_expiry
               = std::nullopt);
  bool connect(const mqtt::connect_request& request);
  /// The transport breaks.
  void drop();
  void end_with(const mqtt::session_end& end);

  /// How many messages the client takes from now on.
  std::size_t room = 1'000'000;
  /// Payloads that it got since the last call, blank-separated.
  std::string received();

  // -- messages for it -------------------------------------------------------

  void offer(std::string_view payload,
             mqtt::qos quality = mqtt::qos::at_least_once);
  /// Each word of `payloads`.
  void offer_all(std::string_view payloads,
                 mqtt::qos quality = mqtt::qos::at_least_once);
  void offer(const mqtt::message_fields& fields);

  /// Subscribes in the index, without SUBSCRIBE.
  void subscribe(std::string_view topic_filter,
                 mqtt::subscription_options options);

  // -- queue_actor_port ------------------------------------------------------

  void apply(messaging::subscription_changes changes,
             std::uint32_t ticket) override;
  void forget(messaging::subscription_changes changes) override;
  void index(messaging::subscription_changes changes) override;
  void record(cluster::metadata_write_ptr write) override;
  void fetch(messaging::retained_request request) override;
  void cancel(messaging::retained_request request) override;
  void load(messaging::window_query query) override {
    loads.push_back(query);
  }
  void retain(const mqtt::message_ptr& will,
              std::uint32_t connection) override {
    kept_wills.push_back(will);
    kept_of = connection;
  }
  void load_later() override { ++late_loads; }
  void stop() override { is_stopped = true; }
  void stop(const char* why) override { failure = why; }

  // -- session_port ----------------------------------------------------------

  bool can_take(const mqtt::delivery& item) const override;
  void deliver(mqtt::delivery&& item) override;
  void complete_subscribe(mqtt::packet_id id,
                          std::span<const mqtt::reason_code> codes) override;
  void complete_unsubscribe(mqtt::packet_id id,
                            std::span<const mqtt::reason_code> codes) override;
  void on_recorded() override { ++recorded; }
  void on_settlement(const messaging::settlement& of) override {
    settlements.push_back(of);
  }
  void set_loading(bool on) override { is_loading = on; }
  void complete_received(mqtt::packet_id id) override {
    completed.push_back(id);
  }
  void end(mqtt::reason_code code) override;

  // -- what happened ---------------------------------------------------------

  std::vector<messaging::subscription_changes> applied;
  std::vector<std::uint32_t> tickets;
  std::vector<messaging::subscription_changes> forgotten;
  std::vector<messaging::subscription_changes> indexed;
  std::vector<cluster::metadata_write_ptr> records;
  int recorded = 0;
  std::vector<messaging::retained_request> fetched;
  std::vector<messaging::window_query> loads;
  int late_loads = 0;
  std::vector<mqtt::message_ptr> kept_wills;
  std::uint32_t kept_of = 0;
  bool is_loading = false;
  std::vector<messaging::settlement> settlements;
  std::vector<mqtt::packet_id> completed;
  std::vector<mqtt::delivery> deliveries;
  /// Of the last SUBACK or UNSUBACK.
  std::vector<mqtt::reason_code> codes;
  int answers = 0;
  bool is_stopped = false;
  std::string failure;
  /// Of the last session that the queue ended.
  std::optional<mqtt::reason_code> ended;

private:
  messaging_site& around_;
  messaging::queue_id id_;

public:
  std::optional<messaging::queue> queue;
};

} // namespace hetzel::test
