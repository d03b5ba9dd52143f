#pragma once

#include "actors/net/type_ids.hpp"
#include "actors/runtime/introspection.hpp"

#include <caf/fwd.hpp>

#include <chrono>
#include <functional>

namespace hetzel::net {

/// Does what blocks for listeners: looks at the files of TLS from time to time,
/// so that certificates, keys, revocations and PSKs that changed are used
/// without a word from the operator, and carries out what operators ask.
/// Detached, since files, and whoever starts and stops listeners, block.
/// Messages:    look (at once; answers when done), work (one-way).
/// Owns:        nothing.
/// Supervision: permanent child of the node's supervisor.
/// On failure:  started again; until then the files are not looked at.
using listener_keeper = runtime::introspectable::extend<
  caf::result<void>(look_atom), caf::result<void>(listener_work_ptr)>;

/// `look` refreshes what there is now, and outlives the actor. Interval: ≥ 1
/// ms; zero: only when it is told to.
listener_keeper spawn_listener_keeper(caf::actor_system& system,
                                      std::function<void()> look,
                                      std::chrono::milliseconds interval);

} // namespace hetzel::net
