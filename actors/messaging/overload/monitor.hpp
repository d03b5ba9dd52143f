#pragma once

#include "actors/runtime/introspection.hpp"

#include <caf/fwd.hpp>

namespace hetzel::messaging {

class exchange;

using overload_monitor = runtime::introspectable;

/// Measures every `overload.interval` how long the couriers of all reactors
/// and the writers of all shards take to answer, how much waits for them, and
/// the memory of the process; makes a level of it, and tells the node what is
/// to be shed (`exchange::shed`).
/// Messages:    none but describe.
/// Owns:        the level.
/// Supervision: permanent child of the messaging supervisor.
/// On failure:  the next one begins without load, and measures.
[[nodiscard]] overload_monitor spawn_overload_monitor(caf::actor_system& system,
                                                      exchange& node);

} // namespace hetzel::messaging
