#include "test/support/net_door.hpp"

#include "protocol/encoder.hpp"
#include "protocol/session/enhanced_auth.hpp"

#include <algorithm>
#include <utility>

namespace hetzel::test {

namespace {

class echo_exchange final : public mqtt::auth_exchange {
public:
  mqtt::auth_step on_data(mqtt::bytes_view data) override {
    using mqtt::reason_code;
    if (wanted_.empty()) {
      wanted_ = data;
      return {reason_code::continue_authentication, "say " + wanted_};
    }
    if (data == wanted_)
      return {reason_code::success, "welcome"};
    return {reason_code::not_authorized, {}};
  }

private:
  std::string wanted_;
};

} // namespace

// -- net_door -----------------------------------------------------------------

std::shared_ptr<net::accepted_client>
net_door::take(std::string_view client_id) {
  if (!events.wait_for("admit:" + std::string{client_id}))
    return nullptr;
  const std::lock_guard guard{mutex_};
  const auto found = std::find_if(
    admitted_.begin(), admitted_.end(), [&](const auto& client) {
      return client->request->client_id == client_id;
    });
  if (found == admitted_.end())
    return nullptr;
  auto result = std::move(*found);
  admitted_.erase(found);
  return result;
}

void net_door::forget() {
  const std::lock_guard guard{mutex_};
  admitted_.clear();
}

mqtt::session_limits net_door::limits(const net::listener_config&) const {
  return given_limits;
}

std::optional<mqtt::judgement>
net_door::judge(mqtt::connect_request& request, net::accepted_socket& from,
                net::judgement_waiter& later) {
  events.add("authenticate:" + from.slot->config().name + ":"
             + request.user_name.value_or(""));
  if (authenticate_hook)
    authenticate_hook();
  if (judge_hook)
    return judge_hook(request, from, later);
  return mqtt::judgement{verdict};
}

std::unique_ptr<mqtt::auth_exchange>
net_door::start_auth(mqtt::bytes_view method,
                     const mqtt::connect_request& request,
                     const net::accepted_socket&, net::judgement_waiter&) {
  return given_methods ? given_methods->start(method, request.client_id)
                       : nullptr;
}

std::string net_door::assign_client_id() { return "assigned"; }

void net_door::admit(std::shared_ptr<net::accepted_client> client) {
  const auto id = client->request->client_id;
  if (admit_hook) {
    admit_hook(std::move(client));
  } else {
    const std::lock_guard guard{mutex_};
    admitted_.push_back(std::move(client));
  }
  events.add("admit:" + id);
}

// -- echo_auth ----------------------------------------------------------------

std::unique_ptr<mqtt::auth_exchange>
echo_auth::start(mqtt::bytes_view method, mqtt::bytes_view) const {
  if (method != "ECHO")
    return nullptr;
  return std::make_unique<echo_exchange>();
}

// -- packets ------------------------------------------------------------------

std::string connect_bytes(const connect_options& options) {
  std::string properties;
  if (!options.auth_data.empty()) {
    mqtt::property_writer writer{properties};
    writer.value(mqtt::property_id::authentication_method, "ECHO");
    writer.value(mqtt::property_id::authentication_data, options.auth_data);
  }
  mqtt::connect packet;
  packet.version = options.version;
  packet.clean_start = true;
  packet.client_id = options.client_id;
  if (!options.user_name.empty())
    packet.user_name = options.user_name;
  packet.properties = mqtt::property_view{properties};
  std::string result;
  mqtt::encode(packet, result);
  return result;
}

std::string auth_bytes(std::string_view data) {
  std::string result;
  mqtt::write_auth("ECHO",
                   {mqtt::reason_code::continue_authentication,
                    std::string{data}},
                   result);
  return result;
}

// -- sockets ------------------------------------------------------------------

std::shared_ptr<net::listener_context>
make_listener_context(net::listener_config config) {
  auto result = std::make_shared<net::listener_context>();
  result->config = std::move(config);
  return result;
}

std::shared_ptr<net::accepted_socket>
make_accepted(net::socket_handle socket,
              const std::shared_ptr<net::listener_context>& context) {
  auto result = std::make_shared<net::accepted_socket>();
  result->socket = std::move(socket);
  result->slot = net::connection_slot::take(context);
  result->peer = "192.0.2.1:1";
  return result;
}

} // namespace hetzel::test
