#pragma once

#include "actors/admin/command_registry.hpp"
#include "actors/admin/control_socket.hpp"
#include "actors/runtime/reactor.hpp"
#include "actors/runtime/supervisor.hpp"
#include "protocol/expected.hpp"

#include <caf/fwd.hpp>

#include <filesystem>
#include <memory>

namespace hetzel::node {

/// What a node has for its operators: the commands, the socket on which they
/// are given, and a reactor of its own, so that no client waits for them.
class control_desk {
public:
  /// `index` is that of the reactor, none of the pool's.
  control_desk(caf::actor_system& system, runtime::reactor_index index);

  /// To be filled before `start`.
  [[nodiscard]] admin::command_registry& commands() noexcept {
    return commands_;
  }

  /// The error is a sentence for the operator.
  [[nodiscard]] mqtt::expected<void, std::string>
  open(const std::filesystem::path& socket);

  /// Once, behind `open`.
  void start() { home_.start(); }

  /// A child of the node's. This outlives it.
  [[nodiscard]] runtime::supervisor_spec supervisor();

  /// Behind the end of that child. Idempotent.
  void stop() { home_.stop(); }

private:
  [[nodiscard]] runtime::child_spec server_child();

  admin::command_registry commands_;
  std::shared_ptr<const admin::control_socket> socket_;
  runtime::reactor home_;
};

} // namespace hetzel::node
