#pragma once

#include "actors/messaging/subscriber_key.hpp"
#include "actors/net/accepted_client.hpp"
#include "plugins/api/requests.hpp"
#include "protocol/delivery.hpp"
#include "protocol/message.hpp"
#include "protocol/packet.hpp"

#include <optional>
#include <string>

/// From what a node knows of clients and messages to what hooks are asked and
/// told. All views are those of the arguments.

namespace hetzel::messaging {

[[nodiscard]] plugins::subscriber
subscriber_of(const subscriber_key& key) noexcept;

/// A client that is being judged.
[[nodiscard]] plugins::client client_of(const mqtt::connect_request& request,
                                        const net::accepted_socket& from);

/// Where it came in.
[[nodiscard]] plugins::connection
connection_of(const net::connection_slot& slot, mqtt::bytes_view peer);

/// A message on its way, published by `client`.
[[nodiscard]] plugins::publish_request
publish_of(const plugins::client& client, const mqtt::message& message);

/// The same to a receiver.
[[nodiscard]] plugins::deliver_request
deliver_of(const plugins::client& client, const mqtt::delivery& item);

/// The same in a queue.
[[nodiscard]] plugins::message_event event_of(const subscriber_key& key,
                                              const mqtt::delivery& item);

} // namespace hetzel::messaging
