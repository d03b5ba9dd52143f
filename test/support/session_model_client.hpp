#pragma once

#include "protocol/decoder.hpp"
#include "protocol/packet.hpp"

#include <cstddef>
#include <cstdint>
#include <deque>
#include <random>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace hetzel::test {

/// A client that keeps MQTT's rules, at the end of a line that may break at any
/// time and then loses what is on it. Messages are numbers; it keeps a ledger
/// of what it sent and received. It acknowledges in any order.
class model_client {
public:
  model_client(mqtt::protocol_version version, std::uint32_t seed)
    : version_(version), random_(seed) {}

  // -- the line -------------------------------------------------------------

  /// A new connection, which resumes the session.
  void connect(std::uint16_t receive_maximum);
  void lose_line();
  /// Bytes from the server begin to arrive.
  void carry(std::string_view bytes) { downlink_ += bytes; }
  /// Takes up to `count` of the bytes on their way to the server.
  [[nodiscard]] std::string next_bytes(std::size_t count);

  // -- what it does ---------------------------------------------------------

  /// Handles the next packet that has arrived; false: there is none.
  bool read_one();
  /// Sends one of the acknowledgements it owes; false: it owes none.
  bool acknowledge_one();
  /// Sends a new message; false: the server takes none now.
  bool publish(mqtt::qos quality);
  void ping();
  void subscribe();
  /// Acknowledges what nobody sent: a fault that a server tolerates.
  void acknowledge_nothing();

  // -- its ledger -----------------------------------------------------------

  [[nodiscard]] bool is_connected() const { return is_connected_; }
  /// Its own messages that are not settled.
  [[nodiscard]] std::size_t unsettled() const { return open_.size(); }
  [[nodiscard]] bool is_idle() const {
    return uplink_.empty() && downlink_.empty() && owed_.empty();
  }
  /// By QoS, in order. A QoS 1 message counts once, when it first came.
  [[nodiscard]] const std::vector<unsigned>& sent(mqtt::qos quality) const {
    return sent_[static_cast<std::size_t>(quality)];
  }
  [[nodiscard]] const std::vector<unsigned>& received(mqtt::qos quality) const {
    return received_[static_cast<std::size_t>(quality)];
  }

private:
  struct exchange {
    unsigned number = 0;
    mqtt::qos quality{};
    mqtt::packet_id id = 0;
    bool is_received = false; // PUBREC came
  };

  void on_packet(const mqtt::connack& packet);
  void on_packet(const mqtt::publish& packet);
  void on_packet(const mqtt::puback& packet);
  void on_packet(const mqtt::pubrec& packet);
  void on_packet(const mqtt::pubrel& packet);
  void on_packet(const mqtt::pubcomp& packet);
  template <class Packet>
  void on_packet(const Packet&) {}

  void send(const mqtt::control_packet& packet);
  void send_publish(const exchange& message, bool dup);
  void settle(mqtt::packet_id id);
  [[nodiscard]] exchange* find(mqtt::packet_id id);

  mqtt::protocol_version version_;
  std::mt19937 random_;
  std::string uplink_;
  std::string downlink_;
  bool is_connected_ = false; // CONNACK came
  std::size_t receive_maximum_ = 0; // the server's

  std::deque<exchange> open_;
  unsigned last_number_ = 0;
  mqtt::packet_id last_id_ = 0;
  std::set<mqtt::packet_id> unreleased_; // QoS 2 that came
  std::vector<mqtt::control_packet> owed_;
  std::set<unsigned> known_; // QoS 1 that came
  std::vector<unsigned> sent_[3];
  std::vector<unsigned> received_[3];
};

/// The number that a payload begins with.
[[nodiscard]] unsigned number_of(mqtt::bytes_view payload);

} // namespace hetzel::test
