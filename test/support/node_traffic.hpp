#pragma once

#include "test/support/messaging_client.hpp"

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

namespace hetzel::test {

/// What was acknowledged to the publisher of one topic, and what its
/// subscribers got. Messages are the numbers 0, 1, 2 …. From any thread.
class traffic_ledger {
public:
  traffic_ledger(std::string topic, mqtt::qos level, bool is_ordered)
    : topic_name(std::move(topic)), quality(level), is_ordered_(is_ordered) {}

  void note_acknowledged(std::uint64_t number);
  void note_received(std::uint64_t number);

  [[nodiscard]] std::size_t acknowledged() const;
  [[nodiscard]] std::size_t received() const;
  /// Messages that were acknowledged and never came.
  [[nodiscard]] std::size_t missing() const;
  /// Empty, or what was wrong: a QoS 2 message came twice, or one came for the
  /// first time after a later one.
  [[nodiscard]] std::string fault() const;

  const std::string topic_name;
  const mqtt::qos quality;

private:
  const bool is_ordered_;
  mutable std::mutex mutex_;
  std::uint64_t acknowledged_ = 0; ///< 0 … this - 1
  std::map<std::uint64_t, int> received_;
  std::string fault_;
};

/// Clients with persistent sessions that publish and receive without a pause
/// and come back whenever their connection breaks, as good clients do: what
/// was not acknowledged they send again. Each has a thread.
class node_traffic {
public:
  explicit node_traffic(std::uint16_t port) : port_(port) {}
  ~node_traffic();

  /// A topic's book; its name says what it is about.
  traffic_ledger& open(std::string topic_name, mqtt::qos quality,
                       bool is_ordered = true);

  void add_publisher(std::string client_id, traffic_ledger& to,
                     bool retain = false);
  /// `topic_filter` empty: the ledger's topic. Returns when it has subscribed.
  void add_subscriber(std::string client_id, traffic_ledger& of,
                      std::string topic_filter = {});

  [[nodiscard]] const std::vector<std::unique_ptr<traffic_ledger>>&
  ledgers() const noexcept {
    return ledgers_;
  }

  void stop_publishing();
  void stop_receiving();

  /// Sessions that a client did not find again, and the like; empty: none.
  [[nodiscard]] std::string faults() const;

private:
  void run(void (node_traffic::*role)(const std::string&, traffic_ledger&,
                                      bool),
           std::string client_id, traffic_ledger& ledger, bool retain,
           std::vector<std::thread>& among);
  void publish_on(const std::string& client_id, traffic_ledger& to,
                  bool retain);
  void receive_on(const std::string& client_id, traffic_ledger& of, bool);
  void reconnect(messaging_client& client, const std::string& client_id);
  void note_fault(std::string what);

  std::uint16_t port_;
  std::atomic<bool> publishes_{true};
  std::atomic<bool> receives_{true};
  std::vector<std::unique_ptr<traffic_ledger>> ledgers_;
  std::vector<std::thread> publishers_;
  std::vector<std::thread> subscribers_;
  mutable std::mutex mutex_;
  std::string faults_;
};

/// The options of its clients: a Session that does not end.
[[nodiscard]] client_options traffic_client(std::string client_id);

} // namespace hetzel::test
