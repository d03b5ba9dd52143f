#pragma once

#include "protocol/packet.hpp"
#include "protocol/session/auth_method.hpp"

#include <memory>
#include <string>

namespace hetzel::mqtt {

/// Enhanced authentication of one client (MQTT 5, 4.12): the exchange before
/// CONNACK, and each one by which the client proves itself anew later.
class enhanced_auth {
public:
  /// `methods` must outlive it; null: every method is unknown.
  enhanced_auth(bytes_view method, bytes_view client_id,
                const auth_methods* methods);

  /// The first exchange, with the Authentication Data of CONNECT. The code is
  /// `continue_authentication`, `success` or the one to refuse with.
  [[nodiscard]] auth_step begin(bytes_view data);

  /// AUTH came. Its method must be that of CONNECT [MQTT-4.12.0-5]; it goes on
  /// with the exchange [MQTT-4.12.0-3], or, when there is none, starts a new
  /// one [MQTT-4.12.1-1]. Anything else is a `protocol_error`.
  [[nodiscard]] auth_step on_auth(const auth& packet);

  /// What a step that was pending has become; others were noted already, which
  /// does not matter.
  void on_step(const auth_step& step) noexcept {
    if (step.code != reason_code::continue_authentication)
      exchange_.reset();
  }

  [[nodiscard]] const std::string& method() const noexcept { return method_; }

private:
  [[nodiscard]] auth_step advance(bytes_view data);

  std::string method_;
  std::string client_id_;
  const auth_methods* methods_;
  std::unique_ptr<auth_exchange> exchange_;
};

/// Appends the AUTH that carries `step` to the client.
void write_auth(bytes_view method, const auth_step& step, std::string& out);

} // namespace hetzel::mqtt
