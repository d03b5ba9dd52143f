#pragma once

#include "actors/net/accepted_client.hpp"

#include <memory>
#include <optional>

namespace hetzel::net {

/// What stands between the socket of a connection of `listener` and MQTT, from
/// the bottom: PROXY, TLS, WebSocket, as its configuration says. `peer`:
/// `accepted_socket::ip`. Null: nothing.
[[nodiscard]] std::unique_ptr<transport_layer>
stack_layers(const std::shared_ptr<listener_context>& listener,
             const std::optional<ip_address>& peer);

} // namespace hetzel::net
