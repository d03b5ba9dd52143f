#include "actors/node/test_auth_method.hpp"

namespace hetzel::node {

namespace {

constexpr mqtt::bytes_view method_name = "HETZEL-TEST";
constexpr mqtt::bytes_view challenge = "challenge";
constexpr mqtt::bytes_view answer = "egnellahc";

class test_exchange final : public mqtt::auth_exchange {
public:
  mqtt::auth_step on_data(mqtt::bytes_view data) override {
    if (!was_challenged_) {
      was_challenged_ = true;
      return {mqtt::reason_code::continue_authentication,
              std::string{challenge}};
    }
    if (data == answer)
      return {mqtt::reason_code::success, "welcome"};
    return {mqtt::reason_code::not_authorized, {}};
  }

private:
  bool was_challenged_ = false;
};

class test_methods final : public mqtt::auth_methods {
public:
  std::unique_ptr<mqtt::auth_exchange>
  start(mqtt::bytes_view method, mqtt::bytes_view) const override {
    return method == method_name ? std::make_unique<test_exchange>() : nullptr;
  }
};

} // namespace

std::unique_ptr<const mqtt::auth_methods> make_test_auth_methods() {
  return std::make_unique<test_methods>();
}

} // namespace hetzel::node
