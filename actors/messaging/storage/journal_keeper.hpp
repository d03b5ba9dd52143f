#pragma once

#include "actors/messaging/interfaces.hpp"
#include "actors/runtime/reactor.hpp"

namespace hetzel::messaging {

struct site;

/// Takes the journal of one reactor to the writers of the message store.
/// Messages:    describe; the journal calls it in place.
/// Owns:        nothing; what is under way is the journal's.
/// Supervision: permanent child of its reactor's supervisor.
/// On failure:  what was under way is sent again by the next one.
journal_keeper spawn_journal_keeper(runtime::reactor& home, site& local);

} // namespace hetzel::messaging
