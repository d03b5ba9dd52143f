#pragma once

#include "actors/admin/command_registry.hpp"
#include "actors/admin/control_socket.hpp"
#include "actors/node/checkpointer.hpp"
#include "actors/runtime/handle_slot.hpp"
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

  /// A child of the node's, with who copies `data` when he is asked. This
  /// outlives it.
  [[nodiscard]] runtime::supervisor_spec supervisor(checkpoint_sources data);

  /// From any thread; nobody answers before that child has started.
  void order(checkpoint_order_ptr what) const;

  /// Behind the end of that child. Idempotent.
  void stop() { home_.stop(); }

private:
  [[nodiscard]] runtime::child_spec server_child();
  [[nodiscard]] runtime::child_spec checkpointer_child(checkpoint_sources data);

  caf::actor_system& system_;
  admin::command_registry commands_;
  std::shared_ptr<const admin::control_socket> socket_;
  runtime::handle_slot<checkpointer> checkpointer_;
  runtime::reactor home_;
};

} // namespace hetzel::node
