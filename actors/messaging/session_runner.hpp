#pragma once

#include "actors/messaging/hooks/session_hooks.hpp"
#include "actors/messaging/message_rate.hpp"
#include "actors/messaging/router.hpp"
#include "actors/messaging/session_port.hpp"
#include "actors/messaging/storage/answer_line.hpp"
#include "actors/net/accepted_client.hpp"
#include "actors/net/connection.hpp"
#include "actors/runtime/timer_wheel.hpp"
#include "protocol/session/session.hpp"

#include <chrono>
#include <exception>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace hetzel::messaging {

class queue;
struct site;

/// What a session's actor does for it.
class session_actor_port {
public:
  virtual ~session_actor_port() = default;

  /// Ends the actor in its own time; null: normally.
  virtual void stop(const char* error) = 0;

  /// Has the message retained, then calls `answer` with the code for the
  /// publisher.
  virtual void retain(const mqtt::message_ptr& message,
                      std::function<void(mqtt::reason_code)> answer) = 0;
};

/// Carries out what the protocol core decides: it is the core's sink, the
/// connection's handler and the queue's port. State of a session actor; all
/// calls are made on its reactor, by the socket, a timer, the queue or the
/// actor's messages.
class session_runner final : public mqtt::session_sink,
                             public session_port,
                             public net::connection_handler,
                             public runtime::timer,
                             public stallable,
                             ruling_sink {
public:
  /// Takes the socket out of `client`.
  session_runner(site& local, queue& owner, net::accepted_client& client,
                 session_actor_port& actor);
  ~session_runner() override;

  /// Attaches to the queue, answers the CONNECT of `client` once the metadata
  /// has its Session, and starts reading with what came behind it.
  void start(net::accepted_client& client);

  // -- for describe ----------------------------------------------------------

  [[nodiscard]] bool is_attached() const noexcept { return queue_ != nullptr; }
  [[nodiscard]] const std::string& peer() const noexcept { return peer_; }
  [[nodiscard]] std::size_t output_size() const { return output_.size(); }
  [[nodiscard]] std::string held_by() const;

  // -- session_port ----------------------------------------------------------

  bool can_take(const mqtt::delivery& item) const override;
  void deliver(mqtt::delivery&& item) override;
  void complete_subscribe(mqtt::packet_id id,
                          std::span<const mqtt::reason_code> codes) override;
  void complete_unsubscribe(mqtt::packet_id id,
                            std::span<const mqtt::reason_code> codes) override;
  void on_settlement(const settlement& of) override;
  void complete_received(mqtt::packet_id id) override;
  void set_loading(bool on) override;
  void on_recorded() override;
  void end(mqtt::reason_code code) override;

  // -- connection_handler ----------------------------------------------------

  void on_bytes(mqtt::bytes_view& buffer) override;
  void on_closed() override;
  void on_flushed() override;

  // -- timer, stallable ------------------------------------------------------

  void on_timeout(mqtt::time_point now) override;
  void on_unstalled() override;

  // -- session_sink ----------------------------------------------------------

  void on_publish(const mqtt::publish& packet) override;
  void on_subscribe(const mqtt::subscribe& packet,
                    std::span<const mqtt::reason_code> codes) override;
  void on_unsubscribe(const mqtt::unsubscribe& packet) override;
  void on_settled(const mqtt::delivery& done) override;
  bool on_received(const mqtt::delivery& taken, mqtt::packet_id id) override;
  bool on_released(mqtt::packet_id id) override;
  void on_dropped(const mqtt::delivery& dropped,
                  mqtt::session_event why) override;
  void on_end(const mqtt::session_end& end) override;
  void on_deadline(mqtt::time_point at) override;
  void count(mqtt::session_event event) override;
  void count_packet(mqtt::packet_type type, mqtt::reason_code code,
                    bool sent) override;

private:
  /// Why the socket is not read; several can hold at a time.
  enum hold : unsigned char {
    hold_reply = 1,     ///< SUBSCRIBE or UNSUBSCRIBE is being applied
    hold_output = 2,    ///< the client does not read what it is sent
    hold_receivers = 4, ///< receivers on other reactors are behind
    hold_rate = 8,      ///< it publishes faster than `max_message_rate`
    hold_load = 16,     ///< what waits for it is being read from disk
    hold_verdict = 32,  ///< a provider has not answered about its PUBLISH
  };

  /// For a client whose PUBLISH packets are limited; the timer ends
  /// `hold_rate`.
  struct rate_limit final : runtime::timer {
    rate_limit(session_runner& of, std::uint32_t per_second) noexcept
      : owner(of), rate(per_second) {}
    void on_timeout(mqtt::time_point now) override;

    session_runner& owner;
    message_rate rate;
  };

  /// Ends a connection that has lasted long enough.
  struct lifetime_limit final : runtime::timer {
    explicit lifetime_limit(session_runner& of) noexcept : owner(of) {}
    void on_timeout(mqtt::time_point now) override;

    session_runner& owner;
  };

  /// For re-authentication.
  struct client_methods final : mqtt::auth_methods {
    explicit client_methods(session_runner& of) noexcept : owner(of) {}
    std::unique_ptr<mqtt::auth_exchange>
    start(mqtt::bytes_view method, mqtt::bytes_view client_id) const override;

    session_runner& owner;
  };

  /// What a SUBSCRIBE or UNSUBSCRIBE that is being applied asked for, for who
  /// is told when it was.
  struct topics_in_change {
    std::vector<std::pair<std::string, mqtt::subscription_options>> topics;
  };

  /// Runs `work`; what it throws ends this session alone.
  template <class Work>
  void guarded(Work&& work) noexcept {
    try {
      work();
    } catch (const std::exception& failure) {
      fail(failure.what());
    }
  }
  void fail(const char* what) noexcept;

  /// What is left to do until CONNACK.
  struct pending_start {
    bool session_present = false;
    std::string unread;
    /// For who is told of it.
    std::optional<plugins::owned_request<plugins::register_request>> asked;
  };

  void answer_connect();
  void after_input();
  void note_rate();
  void after_output();
  void set_hold(hold reason, bool on);
  void schedule(std::optional<mqtt::time_point> when);
  void publish_acknowledged(const mqtt::publish& packet,
                            const mqtt::message_ptr& message);
  void retain(const mqtt::message_ptr& message, std::uint32_t number);
  /// The PUBLISH of that number has one thing less to wait for.
  void settle(std::uint32_t number, mqtt::reason_code failure);
  void release_answers();
  void answer(mqtt::packet_id id, mqtt::qos quality, mqtt::reason_code code);
  /// Answers a PUBLISH that was not accepted, in the way the version can.
  void refuse(const mqtt::publish& packet, mqtt::reason_code code);
  [[nodiscard]] mqtt::message_ptr
  make_message(const mqtt::publish& packet,
               const plugins::publish_modifiers* changes);
  void route(const mqtt::publish& packet, const mqtt::message_ptr& message);

  // -- what providers decide and hear: session_rulings.cpp -------------------
  void judge(const mqtt::publish& packet);
  void on_publish_ruled(ruled when, const mqtt::publish& packet,
                        const plugins::publish_verdict& said) override;
  void on_subscribe_ruled(ruled when, const mqtt::subscribe& packet,
                          std::span<const mqtt::reason_code> codes) override;
  void on_unsubscribe_ruled(ruled when,
                            const mqtt::unsubscribe& packet) override;
  void on_deliver_ruled(ruled when, mqtt::delivery item) override;
  void apply(const mqtt::publish& packet,
             const plugins::publish_verdict& said);
  void refuse(const mqtt::publish& packet,
              const plugins::publish_verdict& said);
  void throttle(mqtt::duration time);
  /// The part of `codes` that the client asked for, or more.
  [[nodiscard]] std::vector<mqtt::reason_code>
  answered(std::span<const mqtt::reason_code> codes) const;
  void on_auth_step(const mqtt::auth_step& step);
  void abandon_questions();
  void on_proved(const plugins::auth_modifiers& proof);
  void limit_lifetime(std::chrono::seconds longest);
  void note_registration(const net::accepted_client& client);
  void tell_registered(const pending_start& started);
  void tell_published(const mqtt::message& message);
  void tell_subscribed(const topics_in_change& changed,
                       std::span<const mqtt::reason_code> codes);
  void tell_unsubscribed(const topics_in_change& changed,
                         std::span<const mqtt::reason_code> codes);

  site& local_;
  session_actor_port& actor_;
  queue* queue_;
  std::string peer_;
  std::size_t write_buffer_max_;
  std::unique_ptr<rate_limit> rate_limit_;       // null: none
  std::unique_ptr<lifetime_limit> lifetime_;     // null: none
  std::unique_ptr<topics_in_change> subscribing_; // null: nobody is told
  /// Codes that SUBACK or UNSUBACK must have.
  std::size_t codes_due_ = 0;
  std::unique_ptr<pending_start> pending_start_; // null: CONNACK was sent
  answer_line answers_;
  unsigned char holds_ = 0;
  bool is_v5_;
  client_methods methods_{*this};
  mqtt::session core_;
  std::unique_ptr<net::connection_slot> slot_;
  session_hooks hooks_;
  mqtt::output_buffer& output_; // of the core
  net::connection connection_;
};

} // namespace hetzel::messaging
