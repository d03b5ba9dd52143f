#pragma once

#include "actors/net/socket_handle.hpp"
#include "protocol/packet.hpp"

#include <chrono>
#include <cstdint>
#include <deque>
#include <optional>
#include <set>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace hetzel::test {

/// The other side closed, or a wait was longer than anybody's patience.
struct connection_lost : std::runtime_error {
  using std::runtime_error::runtime_error;
};

struct client_will {
  std::string topic_name;
  std::string payload;
  mqtt::qos quality{};
  bool retain = false;
  std::uint32_t delay = 0; ///< seconds
};

struct client_options {
  std::string client_id{};
  mqtt::protocol_version version = mqtt::protocol_version::v5;
  bool clean_start = true;
  std::uint32_t session_expiry = 0; ///< seconds; 5.0 only
  std::uint16_t receive_maximum = 0; ///< zero: says nothing
  std::optional<client_will> will{};
  /// Authentication Method; empty: none.
  std::string auth_method{};
  /// Authentication Data; empty: none.
  std::string auth_data{};
  std::optional<std::string> user_name{};
  std::optional<std::string> password{};
};

/// Whose Session outlives the connection: `session_expiry` seconds.
[[nodiscard]] inline client_options
persistent(std::string client_id, bool clean_start = false,
           std::uint32_t session_expiry = 3'600) {
  return {.client_id = std::move(client_id),
          .clean_start = clean_start,
          .session_expiry = session_expiry};
}

/// A packet from the server; fields that its type has not are as here.
struct received_packet {
  mqtt::packet_type type{};
  mqtt::packet_id id = 0;
  mqtt::reason_code code{};
  std::vector<mqtt::reason_code> codes; ///< of SUBACK and UNSUBACK
  bool session_present = false;
  bool dup = false;
  bool retain = false;
  mqtt::qos quality{};
  std::string topic_name;
  std::string payload;
  std::string properties; ///< coded
};

/// A client over TCP that waits for each answer, for tests of actors; what is
/// about bytes is tested elsewhere. PUBLISH packets that come meanwhile are
/// kept for `next`. It acknowledges them unless told otherwise, and what was
/// sent again at QoS 2 it takes once. Used by one thread.
class messaging_client {
public:
  static constexpr std::chrono::seconds patience{20};

  explicit messaging_client(std::uint16_t port) : port_(port) {}
  /// Connects too; throws when it is refused.
  messaging_client(std::uint16_t port, const client_options& options);

  // -- connection ------------------------------------------------------------

  /// A new connection with CONNECT; returns CONNACK, or the AUTH that came in
  /// its place.
  received_packet connect(const client_options& options);
  /// DISCONNECT, then close.
  void disconnect(mqtt::reason_code code = mqtt::reason_code::success);
  /// Closes without a word.
  void close();
  /// Reads until the server closes. The code of its DISCONNECT, if any.
  std::optional<mqtt::reason_code> wait_closed();

  // -- requests; they wait for the answer and return its code ----------------

  mqtt::reason_code subscribe(std::string_view topic_filter,
                              mqtt::subscription_options options,
                              std::uint32_t subscription_id = 0);
  mqtt::reason_code unsubscribe(std::string_view topic_filter);
  mqtt::reason_code publish(std::string_view topic_name,
                            std::string_view payload,
                            mqtt::qos quality = mqtt::qos::at_least_once,
                            bool retain = false);
  void ping();

  // -- messages --------------------------------------------------------------

  /// The next one; throws when none comes.
  received_packet next();
  /// The same, or nullopt when none comes within `time`.
  std::optional<received_packet> next_within(std::chrono::milliseconds time);
  /// Payloads of those that came before the one with payload `marker`.
  std::vector<std::string> until(std::string_view marker);
  /// Payloads of those that have come and were not looked at.
  std::vector<std::string> take_messages();

  /// False: messages stay unacknowledged from now on.
  void set_acknowledging(bool on) noexcept { acknowledges_ = on; }

  // -- packets ---------------------------------------------------------------

  void send(const mqtt::control_packet& packet);
  /// The next packet but PUBLISH, PUBREL and PINGRESP; `type` is what it must
  /// be.
  received_packet expect(mqtt::packet_type type);
  [[nodiscard]] mqtt::packet_id next_id() noexcept;

private:
  received_packet read();
  std::optional<received_packet> take_packet();
  [[nodiscard]] bool wait_readable(std::chrono::milliseconds time);
  void fill();
  void on_publish(received_packet packet);
  /// True when it was kept or answered.
  bool absorb(received_packet& packet);

  std::uint16_t port_;
  net::socket_handle socket_;
  mqtt::protocol_version version_ = mqtt::protocol_version::v5;
  bool acknowledges_ = true;
  std::string input_;
  std::deque<received_packet> messages_;
  /// Of QoS 2, seen and not released.
  std::set<mqtt::packet_id> unreleased_;
  mqtt::packet_id last_id_ = 0;
};

} // namespace hetzel::test
