#pragma once

#include "actors/admin/command_registry.hpp"
#include "actors/admin/control_connection.hpp"
#include "actors/admin/control_socket.hpp"
#include "actors/admin/type_ids.hpp"
#include "actors/runtime/introspection.hpp"
#include "actors/runtime/reactor.hpp"

#include <memory>

namespace hetzel::admin {

/// Serves operators on a control socket.
/// Messages:    describe; parts of answers are sent by itself alone.
/// Owns:        a duplicate of the socket; at most `connections_max` operators.
/// Supervision: permanent child of the admin supervisor.
/// On failure:  operators are cut off and connect again; what they began goes
///              on.
using control_server = runtime::introspectable;

/// `home` should be a reactor without clients: commands run there. The registry
/// is filled, and outlives the actor and the replies.
control_server spawn_control_server(
  runtime::reactor& home, std::shared_ptr<const control_socket> socket,
  const command_registry& registry, control_limits limits = {});

/// Makes CAF know the message types of this folder. Once per program, before
/// the first actor system.
void register_types();

} // namespace hetzel::admin
