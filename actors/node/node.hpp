#pragma once

#include "actors/node/config/node_config.hpp"
#include "protocol/expected.hpp"

#include <caf/fwd.hpp>

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace hetzel::net {
class listener_set;
} // namespace hetzel::net

namespace hetzel::node {

/// A listener as it was bound: the port is the real one.
struct bound_listener {
  std::string name;
  std::string address;
  std::uint16_t port = 0;
};

/// A whole node: the reactors, what their actors share, and the root of the
/// supervision tree. Used by one thread, which is none of the node's own.
class node {
public:
  explicit node(node_config config);

  /// Stops it.
  ~node();

  node(const node&) = delete;
  node& operator=(const node&) = delete;

  /// Binds the listeners and starts the tree. The error is a sentence for the
  /// operator; nothing runs then. Once.
  [[nodiscard]] mqtt::expected<void, std::string> start();

  /// `act` is called once, from any thread, when the tree has given up: what
  /// its supervisors restarted failed too often. Nobody serves clients then,
  /// and the process should end. Before `start`; may be empty.
  void on_failure(std::function<void()> act);

  /// The tree has given up.
  [[nodiscard]] bool has_failed() const noexcept;

  /// In the order of the configuration.
  [[nodiscard]] std::vector<bound_listener> listeners() const;

  /// Applies what may change live, listeners included; the rest of `config`
  /// must equal what the node was made with. Returns a sentence for each
  /// listener that could not be made what it should be.
  std::vector<std::string> reload(const node_config& config);

  /// To start and stop listeners while the node runs.
  [[nodiscard]] net::listener_set& listener_set() noexcept;

  /// Listeners, then sessions (5.0 clients get DISCONNECT 0x8B, wills are
  /// published), then all other actors, then the threads. Bounded in time.
  /// Idempotent.
  void stop();

  /// The root of the supervision tree (a runtime::supervisor_actor), null
  /// before `start`. For inspection and tests.
  [[nodiscard]] caf::strong_actor_ptr root() const;

private:
  struct implementation;

  std::unique_ptr<implementation> impl_;
};

} // namespace hetzel::node
