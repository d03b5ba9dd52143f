#pragma once

#include "actors/messaging/index/queue_id.hpp"
#include "actors/messaging/interfaces.hpp"
#include "actors/runtime/reactor.hpp"

namespace hetzel::messaging {

struct site;

/// Runs the `queue` of one subscriber.
/// Messages:    describe; sessions and the router call `queue` in place.
/// Owns:        messages, subscriptions and exchanges of the Session.
/// Supervision: temporary child of its reactor's registrar.
/// On failure:  its session is closed and its subscriptions are removed; the
///              client's next CONNECT finds no Session.
///
/// `id` was reserved in `local.queues`.
queue_actor spawn_queue_actor(runtime::reactor& home, site& local, queue_id id);

} // namespace hetzel::messaging
