#pragma once

#include "actors/net/accepted_client.hpp"
#include "test/support/event_log.hpp"

#include <atomic>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace hetzel::test {

/// Decides about clients as the test says, and keeps those that came in.
class net_door final : public net::connect_policy {
public:
  // -- set before clients come ------------------------------------------------
  mqtt::session_limits given_limits;
  mqtt::reason_code verdict = mqtt::reason_code::success;
  const mqtt::auth_methods* given_methods = nullptr;
  /// In place of `verdict`; on the reactor of the gate.
  std::function<std::optional<mqtt::judgement>(
    mqtt::connect_request&, net::accepted_socket&, net::judgement_waiter&)>
    judge_hook;
  /// Else sockets are closed unread.
  std::atomic<bool> is_welcoming{true};
  /// In place of keeping the client; on the reactor of the gate.
  std::function<void(std::shared_ptr<net::accepted_client>)> admit_hook;
  /// At each question about credentials, on the reactor of the gate.
  std::function<void()> authenticate_hook;

  // -- what happened ----------------------------------------------------------
  /// "authenticate:<listener>:<user>" and "admit:<client id>".
  mutable event_log events;

  /// After the event "admit".
  std::shared_ptr<net::accepted_client> take(std::string_view client_id);

  /// Drops those that nobody took.
  void forget();

  [[nodiscard]] mqtt::session_limits
  limits(const net::listener_config& listener) const override;
  [[nodiscard]] std::optional<mqtt::judgement>
  judge(mqtt::connect_request& request, net::accepted_socket& from,
        net::judgement_waiter& later) override;
  [[nodiscard]] std::unique_ptr<mqtt::auth_exchange>
  start_auth(mqtt::bytes_view method, const mqtt::connect_request& request,
             const net::accepted_socket& from,
             net::judgement_waiter& later) override;
  [[nodiscard]] bool welcomes(const net::accepted_socket&) const override {
    return is_welcoming;
  }
  [[nodiscard]] std::string assign_client_id() override;
  void admit(std::shared_ptr<net::accepted_client> client) override;

private:
  std::mutex mutex_;
  std::vector<std::shared_ptr<net::accepted_client>> admitted_;
};

/// One method, "ECHO": a challenge "say <data>" that is answered with <data>.
class echo_auth final : public mqtt::auth_methods {
public:
  [[nodiscard]] std::unique_ptr<mqtt::auth_exchange>
  start(mqtt::bytes_view method, mqtt::bytes_view client_id) const override;
};

struct connect_options {
  mqtt::protocol_version version = mqtt::protocol_version::v5;
  std::string client_id = "c1";
  std::string user_name = {};
  /// Enhanced authentication with this data; empty: none.
  std::string auth_data = {};
};

/// A CONNECT as it is sent.
[[nodiscard]] std::string connect_bytes(const connect_options& options = {});

/// An AUTH of the method ECHO that goes on with `data`.
[[nodiscard]] std::string auth_bytes(std::string_view data);

/// A listener's context without a listener.
[[nodiscard]] std::shared_ptr<net::listener_context>
make_listener_context(net::listener_config config = {});

/// `socket` as it comes from a listener; it takes a place of `context`.
[[nodiscard]] std::shared_ptr<net::accepted_socket>
make_accepted(net::socket_handle socket,
              const std::shared_ptr<net::listener_context>& context);

} // namespace hetzel::test
