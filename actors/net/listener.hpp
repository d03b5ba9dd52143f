#pragma once

#include "actors/net/accepted_client.hpp"
#include "actors/net/counter.hpp"
#include "actors/net/connect_gate.hpp"
#include "actors/net/listening_socket.hpp"

#include <functional>
#include <memory>

namespace hetzel::net {

/// Accepts the connections of one address and hands them to the gates in turn.
/// Rests for a moment when the process has no descriptor left.
/// Messages:    describe.
/// Owns:        a duplicate of the listening socket.
/// Supervision: permanent child of the listener supervisor.
/// On failure:  restarted on the same socket; what waits to be accepted stays.
using listener = runtime::introspectable;

/// Where the n-th connection goes; called on the listener's reactor.
using gate_lookup = std::function<connect_gate()>;

listener spawn_listener(runtime::reactor& home,
                        std::shared_ptr<const listening_socket> socket,
                        std::shared_ptr<listener_context> context,
                        gate_lookup next_gate, traffic_counters& counters);

} // namespace hetzel::net
