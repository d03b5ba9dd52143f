#include "actors/net/accepted_client.hpp"

#include <utility>

namespace hetzel::net {

std::unique_ptr<connection_slot>
connection_slot::take(std::shared_ptr<listener_context> listener) {
  const auto open = listener->connections.fetch_add(1);
  if (open >= listener->config.max_connections) {
    listener->connections.fetch_sub(1);
    return nullptr;
  }
  return std::make_unique<connection_slot>(std::move(listener));
}

connection_slot::connection_slot(
  std::shared_ptr<listener_context> listener) noexcept
  : listener_(std::move(listener)) {}

connection_slot::~connection_slot() {
  listener_->connections.fetch_sub(1);
}

} // namespace hetzel::net
