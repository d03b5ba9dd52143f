#pragma once

#include "actors/messaging/interfaces.hpp"
#include "actors/runtime/reactor.hpp"

namespace hetzel::messaging {

struct site;

/// Takes what other reactors publish for the queues of this one out of the
/// site's inbox, and tells stalled publishers of this reactor to go on.
/// Messages:    wake (one-way): batches came, or a receiver caught up;
///              shed (one-way): the slowest clients are to go.
/// Owns:        nothing; inbox and queues are the site's.
/// Supervision: permanent child of the messaging supervisor.
/// On failure:  the inbox waits for the next one, which is woken at its start.
courier spawn_courier(runtime::reactor& home, site& local);

} // namespace hetzel::messaging
