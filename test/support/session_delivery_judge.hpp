#pragma once

#include "protocol/delivery.hpp"
#include "protocol/packet.hpp"
#include "test/support/session_rules.hpp"

#include <cstddef>
#include <optional>
#include <vector>

namespace hetzel::test {

/// A model of the messages on their way to one client over any number of
/// connections: which PUBLISH and PUBREL the server may send and which
/// deliveries are settled (MQTT 5, 4.3, 4.4, 4.6 and 4.9). Knows nothing of
/// the broker's own bookkeeping. Throws `rule_broken`.
class delivery_judge {
public:
  /// A connection begins. What an earlier one left open is to come again
  /// first, unless the session is a new one.
  void attach(const session_terms& terms, bool session_present);

  // -- what goes in ---------------------------------------------------------

  /// The server is given `item` now: it sends or drops it before `on_done`.
  void on_offered(const mqtt::delivery& item);

  /// From the client. The server handles it now.
  void on_puback(mqtt::packet_id id);
  void on_pubrec(mqtt::packet_id id, mqtt::reason_code code);
  void on_pubcomp(mqtt::packet_id id);

  // -- what comes out -------------------------------------------------------

  /// `packet` with its topic name in place of an alias.
  void on_publish(const mqtt::publish& packet, mqtt::time_point now);
  void on_pubrel(const mqtt::pubrel& packet);
  void on_settled(const mqtt::delivery& item);
  void on_dropped(const mqtt::delivery& item);

  /// The server has done what there was to do; throws when something is left.
  void on_done() const;

  /// The connection ended amid the work: what was due need not come.
  void on_end();

  // -- what there is --------------------------------------------------------

  /// Deliveries of QoS 1 and 2 that are not settled, over all connections.
  [[nodiscard]] std::size_t size() const noexcept { return open_.size(); }

  /// Whether the client has room for another one and nothing older waits.
  [[nodiscard]] bool is_window_open() const noexcept;

private:
  enum class step { puback, pubrec, pubcomp };

  struct exchange {
    mqtt::delivery item;
    mqtt::packet_id id = 0;
    step awaits{};
    bool is_resumed = false; // not sent again on this connection yet
    bool is_counted = false; // its PUBLISH was sent on this connection
  };

  [[nodiscard]] exchange* find(mqtt::packet_id id);
  [[nodiscard]] std::size_t counted() const;
  void on_new_publish(const mqtt::publish& packet, mqtt::time_point now);
  void on_repeated(exchange& open, bool is_publish);
  void close(exchange& open);
  void require_same(const mqtt::delivery& item, const mqtt::publish& packet,
                    mqtt::time_point now) const;

  session_terms terms_;
  std::vector<exchange> open_; // in the order of their first sending
  std::optional<mqtt::delivery> offered_;
  std::optional<mqtt::delivery> due_settled_;
  std::optional<mqtt::pubrel> due_pubrel_;
};

} // namespace hetzel::test
