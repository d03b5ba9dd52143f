#pragma once

#include "actors/net/type_ids.hpp"
#include "actors/runtime/introspection.hpp"

#include <caf/fwd.hpp>

#include <chrono>
#include <functional>

namespace hetzel::net {

/// Looks at the files of TLS listeners from time to time, so that certificates,
/// keys, revocations and PSKs that changed are used without a word from the
/// operator. Detached, since files block.
/// Messages:    look (at once; answers when done).
/// Owns:        nothing.
/// Supervision: permanent child of the node's supervisor.
/// On failure:  started again; until then the files are not looked at.
using tls_watch = runtime::introspectable::extend<caf::result<void>(look_atom)>;

/// `look` refreshes what there is now, and outlives the actor. Interval: ≥ 1
/// ms; zero: only when it is told to.
tls_watch spawn_tls_watch(caf::actor_system& system, std::function<void()> look,
                          std::chrono::milliseconds interval);

} // namespace hetzel::net
