#pragma once

#include "actors/runtime/child.hpp"
#include "actors/runtime/introspection.hpp"
#include "actors/runtime/restart_history.hpp"
#include "actors/runtime/supervision_errc.hpp"
#include "actors/runtime/supervision_rules.hpp"

#include <caf/actor_system.hpp>
#include <caf/result.hpp>
#include <caf/typed_actor.hpp>

#include <string>
#include <vector>

namespace hetzel::runtime {

class reactor;

/// An actor that has children and can list them.
using parent_actor = introspectable::extend<
  caf::result<std::vector<child_listing>>(children_atom)>;

/// Starts, watches and restarts its children as OTP's supervisor does.
/// Messages:    started (answers once all children of the spec are ready);
///              children; lookup_child (the running one's handle);
///              start_child (adds one, answers when it is ready),
///              restart_child (a stopped one), terminate_child, delete_child
///              (errors: `supervision_errc`).
/// Owns:        the specifications; no more handles than children.
/// Supervision: monitors its children, by its parent monitored. An exit message
///              stops the children in reverse order, then itself.
/// On failure:  when it is killed or fails, its children are killed.
using supervisor_actor = parent_actor::extend<
  caf::result<void>(started_atom),
  caf::result<caf::strong_actor_ptr>(lookup_child_atom, std::string),
  caf::result<caf::strong_actor_ptr>(start_child_atom, child_spec_ptr),
  caf::result<caf::strong_actor_ptr>(restart_child_atom, std::string),
  caf::result<void>(terminate_child_atom, std::string),
  caf::result<void>(delete_child_atom, std::string)>;

struct supervisor_spec {
  std::string name; ///< for logs and `describe`
  restart_strategy strategy = restart_strategy::one_for_one;
  restart_intensity intensity;
  std::vector<child_spec> children; ///< in starting order

  /// How long a child that was killed may take to be gone, before it is given
  /// up as one that hangs in a handler.
  std::chrono::milliseconds kill_deadline = std::chrono::seconds{5};
};

/// On CAF's own scheduler; the actor system's end waits for it.
supervisor_actor spawn_supervisor(caf::actor_system& system,
                                  supervisor_spec spec);

/// Pinned to `home`.
supervisor_actor spawn_supervisor(reactor& home, supervisor_spec spec);

/// The spec of a supervisor as a child of another. `start` gets a copy of
/// `spec` each time. The deadline to stop is without end, as OTP has it (a
/// day), for its children have deadlines of their own.
child_spec supervisor_child(caf::actor_system& system, supervisor_spec spec);

} // namespace hetzel::runtime
