#include "actors/net/accepted_client.hpp"

#include "actors/net/listener_layers.hpp"

#include <utility>

namespace hetzel::net {

std::unique_ptr<connection_slot>
connection_slot::take(std::shared_ptr<listener_context> listener) {
  const auto open = listener->connections.add();
  if (open >= listener->config.max_connections) {
    listener->connections.subtract();
    return nullptr;
  }
  return std::make_unique<connection_slot>(std::move(listener));
}

connection_slot::connection_slot(
  std::shared_ptr<listener_context> listener) noexcept
  : listener_(std::move(listener)) {}

connection_slot::~connection_slot() {
  listener_->connections.subtract();
}

layered_ptr
connection_slot::make_layers(const std::optional<ip_address>& peer) const {
  auto layer = stack_layers(listener_, peer);
  return layer ? std::make_unique<layered_transport>(std::move(layer))
               : nullptr;
}

} // namespace hetzel::net
