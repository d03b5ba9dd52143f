#pragma once

#include "actors/messaging/interfaces.hpp"
#include "actors/runtime/reactor.hpp"

namespace hetzel::messaging {

struct site;

/// Decides who owns a client id on its reactor: each CONNECT finds the queue
/// of its subscriber here or gets a new one. As a subscriber has one home
/// reactor, CONNECTs of one client id are served one after the other.
/// Messages:    accepted client, shut down (one-way), resubscribe (answers with
///              the subscriptions of a shard), children.
/// Owns:        nothing; queues stand in the site's table.
/// Supervision: permanent child of the messaging supervisor; supervises queues
///              and sessions, which are temporary.
/// On failure:  queues and sessions go on as orphans of the site, which the
///              next one adopts.
registrar spawn_registrar(runtime::reactor& home, site& local);

} // namespace hetzel::messaging
