#pragma once

#include "actors/admin/command_registry.hpp"

#include <caf/actor_control_block.hpp>
#include <caf/fwd.hpp>

#include <functional>

namespace hetzel::admin {

/// The root of the supervision tree now; null while there is none. From any
/// thread.
using root_lookup = std::function<caf::strong_actor_ptr()>;

/// `tree`, `describe` and `kill`: the supervision tree of a node, live. Each
/// asks every actor there is, some at a time, and waits for none of them.
void add_tree_commands(command_registry& registry, caf::actor_system& system,
                       root_lookup root);

} // namespace hetzel::admin
