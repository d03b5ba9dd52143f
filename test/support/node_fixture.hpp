#pragma once

#include "actors/node/node.hpp"
#include "test/support/messaging_client.hpp"
#include "test/support/node_probe.hpp"
#include "test/support/temporary_directory.hpp"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace hetzel::test {

/// Two reactors, one listener on a free port of the loopback, anonymous
/// clients, no limit to what waits offline.
[[nodiscard]] node::node_config open_node_config();

/// A node in this process, started on a data directory of its own; the test
/// sees what a client and an operator see.
struct node_fixture {
  explicit node_fixture(node::node_config config = open_node_config());

  [[nodiscard]] std::uint16_t port() const;

  [[nodiscard]] messaging_client client(const client_options& options) const {
    return messaging_client{port(), options};
  }

  [[nodiscard]] messaging_client client(std::string_view client_id) const {
    return client(client_options{.client_id = std::string{client_id}});
  }

  temporary_directory home;
  node::node running;
  node_probe probe;

private:
  [[nodiscard]] node::node_config at_home(node::node_config config) const;
  [[nodiscard]] caf::strong_actor_ptr start();
};

} // namespace hetzel::test
