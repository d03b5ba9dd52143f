#pragma once

#include "actors/net/accepted_client.hpp"
#include "actors/net/connection.hpp"
#include "actors/net/type_ids.hpp"
#include "protocol/session/handshake.hpp"

#include <cstddef>
#include <memory>
#include <optional>
#include <string>

namespace hetzel::net {

class pending_connect;

/// Who keeps pending connects.
class pending_connect_owner {
public:
  virtual ~pending_connect_owner() = default;

  /// Destroys `ended`.
  virtual void on_finished(pending_connect& ended) = 0;

  /// Where handshakes of layers wait for their turn.
  virtual turnstile& turns() noexcept = 0;
};

/// One socket from accept until its CONNECT was admitted or refused: the
/// handshake of its layers within theirs, then `mqtt::handshake` within the
/// connect timeout, which also bounds how long whoever judges the client may
/// take.
class pending_connect final : public connection_handler,
                              public mqtt::admission,
                              public judgement_waiter,
                              public runtime::timer {
public:
  pending_connect(runtime::reactor& home, accepted_socket_ptr accepted,
                  connect_policy& policy, traffic_counters& counters,
                  pending_connect_owner& owner);
  ~pending_connect() override;

  void start();

  /// Position in the owner's table; the owner's business.
  std::size_t index = 0;

  // -- connection_handler ----------------------------------------------------
  void on_bytes(mqtt::bytes_view& buffer) override;
  void on_closed() override;
  void on_flushed() override;

  // -- admission -------------------------------------------------------------
  std::optional<std::string> user_name() override;
  std::optional<mqtt::judgement>
  judge(mqtt::connect_request& request) override;
  std::string assign_client_id() override;

  // -- judgement_waiter ------------------------------------------------------
  void on_judged(const mqtt::judgement& said) override;
  void on_auth_step(const mqtt::auth_step& step) override;

  // -- timer -----------------------------------------------------------------
  void on_timeout(mqtt::time_point now) override;

private:
  [[nodiscard]] bool is_established() const noexcept;
  void on_transport_fault(const layered_transport& layered);
  void on_foreign(mqtt::bytes_view buffer);
  void identify();

  /// The policy's methods, for this client.
  struct client_methods final : mqtt::auth_methods {
    explicit client_methods(pending_connect& of) noexcept : owner(of) {}
    std::unique_ptr<mqtt::auth_exchange>
    start(mqtt::bytes_view method, mqtt::bytes_view client_id) const override;

    pending_connect& owner;
  };

  void carry_on(mqtt::handshake::status status, mqtt::bytes_view* buffer);
  template <class Answer>
  void decide(Answer&& answer);
  void wait_for_challenge();
  void admit(mqtt::bytes_view unread);
  void seal(accepted_client& client);
  void refuse();
  void fail(const char* failure);

  accepted_socket_ptr accepted_;
  connect_policy& policy_;
  traffic_counters& counters_;
  pending_connect_owner& owner_;
  runtime::reactor& home_;
  mqtt::session_limits limits_;
  client_methods methods_;
  mqtt::handshake handshake_;
  /// Waits for a judgement.
  bool is_deciding_ = false;
  mqtt::output_buffer output_;
  connection connection_;
  bool is_connect_due_ = false; ///< the timer is that of CONNECT
  bool is_begun_ = false;       ///< MQTT's first byte has come
};

} // namespace hetzel::net
