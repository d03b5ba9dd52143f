#pragma once

#include "protocol/decoder.hpp"
#include "test/support/session_delivery_judge.hpp"
#include "test/support/session_publish_judge.hpp"
#include "test/support/session_rules.hpp"

#include <cstddef>
#include <map>
#include <optional>
#include <string>

namespace hetzel::test {

/// A model of what MQTT allows a server to do with one client, over any number
/// of connections. It is told of each packet of the client when the server
/// handles it, of what the broker asks, and of all that comes out, and throws
/// `rule_broken`. It takes the server's word for what a client may not say in
/// a packet (topic names, aliases, properties): the server may end the
/// connection at any time.
class session_judge {
public:
  void on_connection(const session_terms& terms, bool session_present);

  // -- what goes in, before it does -----------------------------------------

  void on_client_packet(const mqtt::frame& packet);
  void on_offered(const mqtt::delivery& item) { deliveries_.on_offered(item); }
  void on_publish_completed(mqtt::packet_id id, mqtt::qos quality,
                            mqtt::reason_code code) {
    publishes_.on_completed(id, quality, code);
  }
  /// SUBACK or UNSUBACK with so many codes.
  void on_request_completed(mqtt::packet_id id, std::size_t codes);

  // -- what comes out -------------------------------------------------------

  /// Whole packets.
  void on_output(mqtt::bytes_view bytes, mqtt::time_point now);
  void on_routed(const mqtt::publish& packet) { publishes_.on_routed(packet); }
  void on_settled(const mqtt::delivery& item) { deliveries_.on_settled(item); }
  void on_dropped(const mqtt::delivery& item) { deliveries_.on_dropped(item); }
  /// The session ended by itself or by the client, not by the broker.
  void on_own_end(mqtt::reason_code code);
  void on_end();

  /// Everything was handled: throws when something is left undone.
  void on_done() const;

  [[nodiscard]] const delivery_judge& deliveries() const { return deliveries_; }

private:
  struct expected_reply {
    mqtt::packet_type type{};
    mqtt::packet_id id = 0;
    std::size_t codes = 0;
  };

  // From the client.
  void on_packet(const mqtt::publish& packet) { publishes_.on_publish(packet); }
  void on_packet(const mqtt::puback& packet) {
    deliveries_.on_puback(packet.id);
  }
  void on_packet(const mqtt::pubrec& packet) {
    deliveries_.on_pubrec(packet.id, packet.code);
  }
  void on_packet(const mqtt::pubrel& packet) {
    publishes_.on_pubrel(packet.id);
  }
  void on_packet(const mqtt::pubcomp& packet) {
    deliveries_.on_pubcomp(packet.id);
  }
  void on_packet(const mqtt::subscribe& packet);
  void on_packet(const mqtt::unsubscribe& packet);
  void on_packet(const mqtt::pingreq&) { is_pingresp_due_ = true; }
  void on_packet(const mqtt::auth&) { is_auth_due_ = true; }
  // DISCONNECT, and all that a client may not send.
  template <class Packet>
  void on_packet(const Packet&) {
    must_end_ = true;
  }

  // To the client.
  void on_sent(const mqtt::connack& packet);
  void on_sent(mqtt::publish packet);
  void on_sent(const mqtt::puback& packet);
  void on_sent(const mqtt::pubrec& packet);
  void on_sent(const mqtt::pubcomp& packet);
  void on_sent(const mqtt::pubrel& packet);
  void on_sent(const mqtt::suback& packet);
  void on_sent(const mqtt::unsuback& packet);
  void on_sent(const mqtt::pingresp&);
  void on_sent(const mqtt::disconnect& packet);
  void on_sent(const mqtt::auth& packet);
  template <class Packet>
  void on_sent(const Packet&) {
    require(false, "the server sends what only clients send");
  }
  void on_reply(const expected_reply& sent);
  void check_reason(mqtt::property_view properties) const;

  session_terms terms_;
  delivery_judge deliveries_;
  publish_judge publishes_;
  std::map<std::uint32_t, std::string> aliases_;
  mqtt::time_point now_{};
  bool has_connack_ = false;
  bool has_said_goodbye_ = false;
  bool has_ended_ = false;
  bool must_end_ = false;
  bool is_pingresp_due_ = false;
  bool is_auth_due_ = false;
  std::optional<mqtt::packet_type> request_; // its answer is awaited
  std::optional<expected_reply> due_reply_;
};

} // namespace hetzel::test
