#pragma once

#include "actors/runtime/introspection.hpp"
#include "actors/runtime/reactor.hpp"

namespace hetzel::messaging {

struct site;

/// Asks the providers that are actors, for all who ask on its reactor.
/// Messages:    describe.
/// Owns:        nothing; what waits for an answer is the site's.
/// Supervision: permanent child of its reactor's supervisor.
/// On failure:  whatever waits for an answer is answered with an error.
using hook_caller = runtime::introspectable;

hook_caller spawn_hook_caller(runtime::reactor& home, site& local);

} // namespace hetzel::messaging
