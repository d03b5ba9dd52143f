#pragma once

#include "actors/messaging/index/queue_id.hpp"
#include "actors/messaging/interfaces.hpp"
#include "actors/runtime/reactor.hpp"

namespace hetzel::messaging {

struct site;

/// Runs one Network Connection from its admitted CONNECT to its end: the
/// socket, the protocol rules, and the way of its messages to the router.
/// Messages:    disconnect (a reason code; one-way).
/// Owns:        the socket and at most `write_buffer_max` bytes of output, and
///              one read's worth beyond it.
/// Supervision: temporary child of its reactor's registrar.
/// On failure:  the connection breaks; the queue goes on offline, the will is
///              published.
///
/// `queue` is the subscriber's, on the same reactor.
session_actor spawn_session_actor(runtime::reactor& home, site& local,
                                  queue_id queue, accepted_client_ptr client);

} // namespace hetzel::messaging
