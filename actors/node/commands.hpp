#pragma once

#include "actors/admin/command_registry.hpp"
#include "actors/node/bound_listener.hpp"
#include "actors/node/checkpointer.hpp"
#include "actors/node/listener_commands.hpp"

#include <caf/actor_control_block.hpp>
#include <caf/fwd.hpp>

#include <functional>
#include <string>
#include <vector>

namespace hetzel::messaging {
class exchange;
} // namespace hetzel::messaging

namespace hetzel::node {

/// What the commands of a node work on; all of it outlives them. The functions
/// are called on the thread of the control socket and do not block.
struct command_site {
  caf::actor_system& system;
  messaging::exchange& exchange;
  std::string nodename;
  /// The supervision tree's, see `node::root`.
  std::function<caf::strong_actor_ptr()> root;
  std::function<std::vector<bound_listener>()> listeners;
  net::listener_set& listener_set;
  /// Runs what blocks for listeners, on a thread of theirs.
  work_runner listener_work;
  /// Copies what is on disk and answers.
  std::function<void(checkpoint_order_ptr what)> checkpoint;
  /// Reads the configuration again and answers; empty: there is no command.
  std::function<void(admin::reply to)> reload;
};

/// Everything that `hetzelctl` can ask of a node. The one place where commands
/// of all folders are put together.
void add_node_commands(admin::command_registry& to, command_site site);

} // namespace hetzel::node
