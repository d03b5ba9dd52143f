#pragma once

#include "actors/net/accepted_client.hpp"
#include "actors/net/counter.hpp"
#include "actors/net/type_ids.hpp"
#include "actors/runtime/introspection.hpp"
#include "actors/runtime/reactor.hpp"

#include <cstddef>
#include <memory>

namespace hetzel::net {

struct connect_gate_options {
  /// Sockets of this gate that have not said CONNECT yet; more are closed.
  std::size_t pending_max = 10'000;
};

/// Receives sockets that have not said who they are, one gate per reactor.
/// Messages:    accepted_socket (one-way).
/// Owns:        at most `pending_max` sockets before their CONNECT, each for at
///              most the listener's connect timeout.
/// Supervision: permanent child of the net supervisor.
/// On failure:  the sockets that were pending are closed; clients reconnect.
using connect_gate = runtime::introspectable::extend<
  caf::result<void>(accepted_socket_ptr)>;

/// `policy` and `counters` must outlive the actor.
connect_gate spawn_connect_gate(runtime::reactor& home,
                                connect_gate_options options,
                                connect_policy& policy,
                                traffic_counters& counters);

} // namespace hetzel::net
