#pragma once

#include "protocol/session/auth_method.hpp"

#include <memory>
#include <string>

namespace hetzel::test {

/// One method of enhanced authentication, named "steps", that does what
/// Authentication Data says: "ok" is accepted, "no" refused, "odd" refused
/// with a code that only DISCONNECT knows, "long" answered by 200 bytes; any
/// other text comes back with a question mark.
class steps_auth final : public mqtt::auth_methods {
public:
  [[nodiscard]] std::unique_ptr<mqtt::auth_exchange>
  start(mqtt::bytes_view method, mqtt::bytes_view client_id) const override {
    if (method != "steps")
      return nullptr;
    return std::make_unique<exchange>(std::string{client_id});
  }

private:
  class exchange final : public mqtt::auth_exchange {
  public:
    explicit exchange(std::string client_id)
      : client_id_(std::move(client_id)) {}

    mqtt::auth_step on_data(mqtt::bytes_view data) override {
      using enum mqtt::reason_code;
      if (data == "ok")
        return {success, "welcome " + client_id_};
      if (data == "no")
        return {not_authorized, {}};
      if (data == "odd")
        return {keep_alive_timeout, {}};
      if (data == "long")
        return {continue_authentication, std::string(200, '.')};
      return {continue_authentication, std::string{data} + "?"};
    }

  private:
    std::string client_id_;
  };
};

} // namespace hetzel::test
