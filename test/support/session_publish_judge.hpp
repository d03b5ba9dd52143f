#pragma once

#include "protocol/packet.hpp"
#include "test/support/session_rules.hpp"

#include <cstddef>
#include <map>
#include <optional>
#include <vector>

namespace hetzel::test {

/// A model of the messages that one client publishes: which of its PUBLISH are
/// routed, and how each packet is answered (MQTT 5, 4.3 and 4.9). Throws
/// `rule_broken`.
class publish_judge {
public:
  /// A connection begins.
  void attach(const session_terms& terms, bool session_present);

  // -- what goes in ---------------------------------------------------------

  /// From the client. The server handles it now, unless it finds fault with it
  /// and ends the connection.
  void on_publish(const mqtt::publish& packet);
  void on_pubrel(mqtt::packet_id id);

  /// Routing ended; of QoS 1 only for a PUBLISH of this connection.
  void on_completed(mqtt::packet_id id, mqtt::qos quality,
                    mqtt::reason_code code);

  // -- what comes out -------------------------------------------------------

  void on_routed(const mqtt::publish& packet);
  /// PUBACK, PUBREC or PUBCOMP.
  void on_answer(mqtt::packet_type type, const mqtt::publish_reply& packet);

  /// The server has done what there was to do; throws when something is left,
  /// or when the client's fault had no consequence.
  void on_done() const;

  /// The connection ended; what was due need not come.
  void on_end();

  /// Whether the client's last packet broke a rule of its flow.
  [[nodiscard]] bool must_end() const noexcept { return must_end_; }

private:
  struct received {
    bool is_in_routing = true;
    bool is_counted = true; // came on this connection
  };

  struct answer {
    mqtt::packet_type type{};
    mqtt::packet_id id = 0;
    mqtt::reason_code code{};
  };

  [[nodiscard]] std::size_t unanswered() const;
  void on_qos_2(const mqtt::publish& packet);

  session_terms terms_;
  std::map<mqtt::packet_id, received> qos_2_; // not released
  std::vector<mqtt::packet_id> qos_1_;        // not answered
  std::optional<mqtt::publish> due_route_;
  bool is_fresh_ = false; // `due_route_` put its id into `qos_2_`
  std::optional<answer> due_answer_;
  bool must_end_ = false;
};

} // namespace hetzel::test
