#pragma once

#include "protocol/session/session.hpp"
#include "test/support/session_auth.hpp"
#include "test/support/session_judge.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace hetzel::test {

/// One client's session over any number of connections, under a
/// `session_judge`: whatever is done here in whatever order, MQTT's rules must
/// hold, else a call throws `rule_broken`. It plays the broker around the
/// session core; time stands still until `advance`.
class session_stage final : mqtt::session_sink, mqtt::admission {
public:
  /// A PUBLISH that was routed, in the order of arrival.
  struct route {
    std::string payload;
    mqtt::qos quality{};
    mqtt::packet_id id = 0;
    /// Set when routing ended.
    std::optional<mqtt::reason_code> code;
    bool is_answerable = true; // no: a QoS 1 one of an earlier connection
  };

  explicit session_stage(const mqtt::session_limits& limits)
    : limits_(limits) {}

  /// How a PUBLISH is answered within `on_publish`; nullopt: later, by
  /// `complete_publish`.
  std::optional<mqtt::reason_code> publish_answer = mqtt::reason_code::success;
  /// The same for SUBSCRIBE and UNSUBSCRIBE.
  bool answers_requests = true;
  /// The Reason String of all answers.
  std::string reason;
  /// `on_publish` delivers a message to the publisher itself.
  bool delivers_back = false;
  /// `on_publish` holds the session.
  bool holds = false;

  // -- the client -----------------------------------------------------------

  /// Bytes from the client: CONNECT, then all else. Ignored after the end.
  void receive(std::string_view bytes);
  /// Bytes for the client since the last call.
  [[nodiscard]] std::string take_output();
  /// What was on its way is lost; the next bytes are a new connection's.
  void break_transport();

  // -- the broker -----------------------------------------------------------

  /// False: the session takes none now.
  bool deliver(const mqtt::delivery& item);
  /// Ends the routing of the `index`-th that waits, counted modulo.
  void complete_publish(std::size_t index, mqtt::reason_code code);
  void complete_request(mqtt::reason_code code);
  void hold(bool on);
  void end(mqtt::reason_code code);
  /// Time passes, then `on_timer`.
  void advance(mqtt::duration time);

  // -- what there is --------------------------------------------------------

  [[nodiscard]] bool is_connected() const {
    return core_ && !core_->has_ended();
  }
  /// The session ended while the transport was whole.
  [[nodiscard]] bool has_ended() const { return core_ && core_->has_ended(); }
  [[nodiscard]] mqtt::time_point now() const { return now_; }
  [[nodiscard]] const std::vector<route>& routes() const { return routes_; }
  /// Those of `routes` that wait for `complete_publish`.
  [[nodiscard]] std::size_t routing() const;
  /// Deliveries that are not settled.
  [[nodiscard]] std::size_t unsettled() const {
    return judge_.deliveries().size();
  }

private:
  struct pending_request {
    mqtt::packet_type type{};
    mqtt::packet_id id = 0;
    std::size_t entries = 0;
  };

  // session_sink
  void on_publish(const mqtt::publish& packet) override;
  void on_subscribe(const mqtt::subscribe& packet,
                    std::span<const mqtt::reason_code> codes) override;
  void on_unsubscribe(const mqtt::unsubscribe& packet) override;
  void on_settled(const mqtt::delivery& done) override;
  void on_dropped(const mqtt::delivery& dropped,
                  mqtt::session_event why) override;
  void on_end(const mqtt::session_end& end) override;
  void count(mqtt::session_event event) override;
  void count_packet(mqtt::packet_type type, mqtt::reason_code code,
                    bool sent) override;
  // admission
  std::optional<mqtt::judgement>
  judge(mqtt::connect_request& request) override;
  std::string assign_client_id() override { return "anon-1"; }

  void greet();
  void start(const mqtt::connect_request& request);
  void run();
  void ask(const pending_request& request);
  void answer(route& routed, mqtt::reason_code code);
  void note_input();
  void judge_output();
  void finish_call();

  mqtt::session_limits limits_;
  steps_auth methods_;
  session_judge judge_;
  mqtt::session_state state_;
  std::optional<mqtt::handshake> arriving_;
  std::optional<mqtt::session> core_;
  mqtt::time_point now_{std::chrono::hours{1000}};

  std::string unread_;          // from the client
  mqtt::bytes_view buffer_;     // of `unread_`: not consumed yet
  const char* noted_ = nullptr; // the judge knows all up to here
  std::string output_;          // judged, for `take_output`
  std::vector<route> routes_;
  std::optional<pending_request> request_;
  bool has_session_ = false;
  bool is_refused_ = false;
  bool is_inside_ = false; // a call into the core
  bool is_held_ = false;
  bool is_ending_ = false; // by `end`
};

} // namespace hetzel::test
