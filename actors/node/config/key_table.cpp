#include "actors/node/config/key_table.hpp"

#include <array>

namespace hetzel::node {

std::span<const std::span<const listener_option>> listener_options() noexcept {
  static const std::array groups{general_listener_options(),
                                 socket_listener_options(),
                                 tls_listener_options(),
                                 websocket_listener_options()};
  return groups;
}

} // namespace hetzel::node
