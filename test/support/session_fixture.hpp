#pragma once

#include "protocol/encoder.hpp"
#include "protocol/session/session.hpp"

#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace hetzel::test {

/// What a session asked of the world, as lines of text; counters aside.
class session_log final : public mqtt::session_sink {
public:
  /// With what a PUBLISH of QoS 1 or 2 is answered at once; nullopt: the test
  /// answers.
  std::optional<mqtt::reason_code> publish_answer = mqtt::reason_code::success;
  /// The same for SUBSCRIBE (the codes given) and UNSUBSCRIBE (success).
  bool answers_requests = true;

  mqtt::session* core = nullptr;
  std::vector<std::string> lines;
  std::map<mqtt::session_event, int> counts;
  std::vector<mqtt::time_point> deadlines;
  /// Those of `count_packet`: "pingreq success", "sent pingresp success".
  std::vector<std::string> packets;
  std::optional<mqtt::session_end> end;

  void on_publish(const mqtt::publish& packet) override;
  void on_subscribe(const mqtt::subscribe& packet,
                    std::span<const mqtt::reason_code> codes) override;
  void on_unsubscribe(const mqtt::unsubscribe& packet) override;
  void on_settled(const mqtt::delivery& done) override;
  void on_dropped(const mqtt::delivery& dropped,
                  mqtt::session_event why) override;
  void on_end(const mqtt::session_end& reached) override;
  void on_deadline(mqtt::time_point at) override { deadlines.push_back(at); }
  void count(mqtt::session_event event) override { ++counts[event]; }
  void count_packet(mqtt::packet_type type, mqtt::reason_code code,
                    bool sent) override;
};

/// Admits everybody.
class open_door final : public mqtt::admission {
public:
  mqtt::reason_code answer = mqtt::reason_code::success;
  /// Answers nothing: the test does, by `handshake::on_judged`.
  bool is_slow = false;
  int asked = 0;

  std::optional<mqtt::judgement>
  judge(mqtt::connect_request& request) override {
    ++asked;
    asked_method = request.auth_method;
    if (is_slow)
      return std::nullopt;
    return mqtt::judgement{answer};
  }
  std::string assign_client_id() override { return "anon-1"; }

  /// `auth_method` of the last request.
  std::string asked_method;
};

/// One client's session over any number of connections. Time stands still
/// until `advance`.
class session_fixture {
public:
  mqtt::session_limits limits;
  mqtt::session_state state;
  session_log log;
  const mqtt::auth_methods* methods = nullptr;

  session_fixture() = default;
  /// Its session points into it.
  session_fixture(const session_fixture&) = delete;
  session_fixture& operator=(const session_fixture&) = delete;

  /// The last connection's transport breaks; then CONNECT of `version` with
  /// the coded `properties`, and CONNACK, which is returned.
  std::string connect(mqtt::protocol_version version,
                      std::string_view properties = {},
                      bool session_present = false);
  /// The same with any CONNECT.
  std::string connect(const mqtt::connect& packet,
                      bool session_present = false);

  /// Bytes from the client, in hex notation (see hex.hpp).
  void receive(std::string_view notation);
  void receive_bytes(std::string_view bytes);

  /// A PUBLISH from the client.
  void receive_publish(mqtt::packet_id id, mqtt::qos quality,
                       std::string_view topic_name = "a",
                       std::string_view payload = "x");

  /// What was written since the last call, in hex: "40 02 00 01".
  std::string sent();

  /// The lines logged since the last call, one under the other.
  std::string events();

  /// Delivers `payload` on topic "t".
  void deliver(std::string_view payload,
               mqtt::qos quality = mqtt::qos::at_least_once);
  void deliver(mqtt::delivery item);

  void advance(mqtt::duration time) { now_ += time; }
  /// `on_timer`, as seconds from now; -1: nullopt.
  double run_timer();

  [[nodiscard]] mqtt::session& core() { return *core_; }
  [[nodiscard]] mqtt::time_point now() const { return now_; }
  [[nodiscard]] mqtt::reason_code end_code() const {
    return log.end ? log.end->code : mqtt::reason_code::success;
  }

private:
  std::unique_ptr<mqtt::session> core_;
  mqtt::protocol_version version_{};
  mqtt::time_point now_{std::chrono::hours{1000}};
  std::string unread_;
};

/// A client whose CONNACK was read.
class connected_client : public session_fixture {
public:
  /// `properties` of CONNECT in hex notation.
  explicit connected_client(mqtt::protocol_version version,
                            std::string_view properties = {},
                            const mqtt::session_limits& granted = {});
};

/// A delivery of a message on topic "t".
[[nodiscard]] mqtt::delivery
make_delivery(std::string_view payload, mqtt::qos quality,
              mqtt::message_fields fields = {});

} // namespace hetzel::test
