#pragma once

#include "protocol/basic_types.hpp"
#include "protocol/reason_code.hpp"

#include <memory>
#include <string>

/// Enhanced authentication (MQTT 5, 4.12) as a pluggable method.

namespace hetzel::mqtt {

struct auth_step {
  /// `continue_authentication`: send `data` as a challenge and go on;
  /// `success`: done, `data` goes into CONNACK or the last AUTH;
  /// an error code: refused with that code.
  reason_code code{};
  std::string data;
  /// Not decided yet: the step itself comes later (`handshake::on_auth_step`,
  /// `session::on_auth_step`), and nothing of the client is handled before.
  bool is_pending = false;
  /// Of success: what the method's owner knows of the client from now on. Null:
  /// nothing.
  std::shared_ptr<const void> granted{};
};

/// One exchange with one client. Destroyed when it has ended either way.
class auth_exchange {
public:
  virtual ~auth_exchange() = default;

  /// `data` is Authentication Data of CONNECT or AUTH; empty when absent.
  [[nodiscard]] virtual auth_step on_data(bytes_view data) = 0;
};

/// The methods this server offers. Implementations are immutable and shared
/// by all reactors.
class auth_methods {
public:
  virtual ~auth_methods() = default;

  /// Null when there is no method of that name
  /// (`bad_authentication_method`).
  [[nodiscard]] virtual std::unique_ptr<auth_exchange>
  start(bytes_view method, bytes_view client_id) const = 0;
};

} // namespace hetzel::mqtt
