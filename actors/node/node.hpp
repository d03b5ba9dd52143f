#pragma once

#include "actors/admin/reply.hpp"
#include "actors/node/bound_listener.hpp"
#include "actors/node/config/node_config.hpp"
#include "protocol/expected.hpp"

#include <caf/fwd.hpp>

#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace hetzel::net {
class listener_set;
} // namespace hetzel::net

namespace hetzel::plugins {
class guards;
} // namespace hetzel::plugins

namespace hetzel::node {

/// A whole node: the reactors, what their actors share, and the root of the
/// supervision tree. Used by one thread, which is none of the node's own.
class node {
public:
  explicit node(node_config config);

  /// Stops it.
  ~node();

  node(const node&) = delete;
  node& operator=(const node&) = delete;

  /// Binds the listeners and the control socket and starts the tree. The error
  /// is a sentence for the operator; nothing runs then. Once.
  [[nodiscard]] mqtt::expected<void, std::string> start();

  /// `act` is called once, from any thread, when the tree has given up: what
  /// its supervisors restarted failed too often. Nobody serves clients then,
  /// and the process should end. Before `start`; may be empty.
  void on_failure(std::function<void()> act);

  /// `act` reads the configuration again and answers; from any thread. Before
  /// `start`; without it operators cannot ask for that.
  void on_reload(std::function<void(admin::reply to)> act);

  /// The tree has given up.
  [[nodiscard]] bool has_failed() const noexcept;

  /// In the order of the configuration.
  [[nodiscard]] std::vector<bound_listener> listeners() const;

  /// Applies what may change live, listeners included; the rest of `config`
  /// must equal what the node was made with. `changed` are keys, for plugins
  /// that want to hear of them. Returns a sentence for each listener that could
  /// not be made what it should be.
  std::vector<std::string>
  reload(const node_config& config,
         const std::vector<std::string>& changed = {});

  /// To start and stop listeners while the node runs.
  [[nodiscard]] net::listener_set& listener_set() noexcept;

  /// Listeners, then sessions (5.0 clients get DISCONNECT 0x8B, wills are
  /// published), then all other actors, then the threads. Bounded in time.
  /// Idempotent.
  void stop();

  /// Bans, and what the guards counted.
  [[nodiscard]] plugins::guards& guards() noexcept;

  /// The root of the supervision tree (a runtime::supervisor_actor), null
  /// before `start`. For inspection and tests.
  [[nodiscard]] caf::strong_actor_ptr root() const;

private:
  struct implementation;

  std::unique_ptr<implementation> impl_;
};

} // namespace hetzel::node
