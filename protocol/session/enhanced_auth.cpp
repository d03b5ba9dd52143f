#include "protocol/session/enhanced_auth.hpp"

#include "protocol/encoder.hpp"

namespace hetzel::mqtt {

enhanced_auth::enhanced_auth(bytes_view method, bytes_view client_id,
                             const auth_methods* methods)
  : method_(method), client_id_(client_id), methods_(methods) {}

auth_step enhanced_auth::begin(bytes_view data) {
  if (methods_ != nullptr)
    exchange_ = methods_->start(method_, client_id_);
  if (!exchange_)
    return {reason_code::bad_authentication_method, {}};
  return advance(data);
}

auth_step enhanced_auth::on_auth(const auth& packet) {
  auto expected_code = exchange_ ? reason_code::continue_authentication
                                 : reason_code::reauthenticate;
  auto method = packet.properties.value(property_id::authentication_method);
  if (packet.code != expected_code || method != bytes_view{method_})
    return {reason_code::protocol_error, {}};
  auto data = packet.properties.value(property_id::authentication_data)
                .value_or(bytes_view{});
  return exchange_ ? advance(data) : begin(data);
}

auth_step enhanced_auth::advance(bytes_view data) {
  auto step = exchange_->on_data(data);
  if (!step.is_pending)
    on_step(step);
  return step;
}

void write_auth(bytes_view method, const auth_step& step, std::string& out) {
  std::string coded;
  property_writer writer{coded};
  writer.value(property_id::authentication_method, method);
  if (!step.data.empty())
    writer.value(property_id::authentication_data, step.data);
  encode(auth{step.code, property_view{coded}}, out);
}

} // namespace hetzel::mqtt
