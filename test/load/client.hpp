#pragma once

#include "actors/net/transport_layer.hpp"
#include "protocol/packet.hpp"
#include "test/load/endpoint.hpp"
#include "test/load/event_loop.hpp"
#include "test/load/packet_scan.hpp"
#include "test/load/websocket_codec.hpp"

#include <cstddef>
#include <memory>
#include <string>

namespace hetzel::test::load {

class client;
class tls_side;

/// What a client tells the part it plays in a scenario, in its loop's thread.
class client_events {
public:
  /// The server answered CONNECT with success.
  virtual void on_connected(client&, const mqtt::connack&) {}
  virtual void on_subscribed(client&) {}
  virtual void on_publish(client&, const scanned_publish&) {}
  /// A PUBLISH of ours is done: PUBACK, PUBCOMP, or a PUBREC that refuses.
  virtual void on_acknowledged(client&, mqtt::packet_id, bool /*refused*/) {}
  virtual void on_pong(client&) {}
  /// After the last of the packets that one read brought.
  virtual void on_batch_end(client&) {}
  /// The server takes output again after it had not.
  virtual void on_drained(client&) {}
  /// The connection ended other than by `close`, or never came to be.
  virtual void on_failed(client&, const std::string& reason) = 0;

protected:
  ~client_events() = default;
};

struct client_settings {
  std::string client_id;
  std::string user;
  std::string password;
  mqtt::protocol_version version{};
  bool clean_start = true;
  /// Only 5.0 sends it; in 3.x a session without clean_start stays.
  std::uint32_t session_expiry_seconds = 0;
  bool over_websocket = false;
  /// That the server ends the connection does not count among the loop's
  /// failures.
  bool may_be_closed = false;
  /// Null: no TLS. Outlives the client.
  tls_side* tls = nullptr;
};

/// One MQTT connection at a time, driven by a loop. Answers PUBLISH, PUBREC
/// and PUBREL by itself; what it writes leaves at the end of the tick.
class client final : public event_source, public tick_task {
public:
  /// Both references must outlive the client.
  client(event_loop& loop, client_settings settings, client_events& events);
  client(const client&) = delete;
  client& operator=(const client&) = delete;
  ~client();

  void open(const endpoint& server);

  /// Sends DISCONNECT when connected, and closes. Unanswered output is lost.
  void close();

  /// One filter; the answer comes as `on_subscribed` or `on_failed`.
  void subscribe(mqtt::bytes_view topic_filter, mqtt::qos quality);

  void ping();

  /// What the server sends from now on stays in the socket's buffer.
  void stop_reading();

  /// Where to append packets; `flush_later` sends them.
  [[nodiscard]] std::string& output() noexcept { return output_; }
  void flush_later() { loop_.defer(*this); }

  /// Bytes that the server has not taken yet.
  [[nodiscard]] std::size_t unsent_bytes() const noexcept {
    return output_.size() - written_
           + (websocket_ ? websocket_->wire().size() : 0)
           + (layered_ ? layered_->down.size() : 0);
  }

  /// The server is not taking output; `on_drained` will tell when it does.
  [[nodiscard]] bool is_blocked() const noexcept { return watches_writable_; }

  /// When the bytes now being read arrived.
  [[nodiscard]] std::uint64_t received_ns() const noexcept {
    return received_ns_;
  }

  /// When `open` was called last.
  [[nodiscard]] std::uint64_t opened_ns() const noexcept { return opened_ns_; }

  [[nodiscard]] bool is_connected() const noexcept { return is_connected_; }
  [[nodiscard]] event_loop& loop() noexcept { return loop_; }
  [[nodiscard]] client_settings& settings() noexcept { return settings_; }

  void on_event(std::uint32_t events) override;
  void on_tick_end() override { flush(); }

private:
  void append_connect();
  void read();
  void take(mqtt::bytes_view rest, std::size_t size_max);
  void take_layered(mqtt::bytes_view received);
  bool unwrap(char* bytes, std::size_t& size);
  bool dispatch_all(mqtt::bytes_view& rest);
  bool dispatch(const scanned_packet& packet);
  bool on_publish_packet(const scanned_packet& packet);
  bool on_reply_packet(const scanned_packet& packet);
  bool on_other_packet(const scanned_packet& packet);
  void append_reply(mqtt::packet_type type, mqtt::packet_id id);
  void flush();
  /// What leaves the socket: the output, or frames of it.
  [[nodiscard]] std::string& wire();
  [[nodiscard]] bool write_output();
  [[nodiscard]] bool write_layered();
  void watch_writable(bool wanted);
  [[nodiscard]] std::uint32_t interest() const noexcept;
  void release() noexcept;
  void fail(const std::string& reason);

  event_loop& loop_;
  client_settings settings_;
  client_events& events_;
  int descriptor_ = -1;
  bool is_connected_ = false;
  bool watches_writable_ = false;
  bool reads_ = true;
  std::uint64_t opened_ns_ = 0;
  std::uint64_t received_ns_ = 0;
  /// The front of a packet whose rest has not come.
  std::string partial_;
  std::string output_;
  std::unique_ptr<websocket_codec> websocket_; ///< null: plain TCP
  /// Of `wire`.
  std::size_t written_ = 0;
  net::layered_ptr layered_;
};

} // namespace hetzel::test::load
