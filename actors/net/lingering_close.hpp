#pragma once

#include "actors/net/counter.hpp"
#include "actors/net/socket_handle.hpp"
#include "actors/runtime/reactor.hpp"
#include "protocol/output_buffer.hpp"

#include <chrono>
#include <cstddef>

namespace hetzel::net {

/// How long the last bytes to a peer may take, and how long its own last bytes
/// are read and discarded.
inline constexpr std::chrono::milliseconds linger_time{2'000};

/// Sockets that do so on one reactor at a time. A further one is closed as soon
/// as it has taken what it can take at once, and counted.
inline constexpr std::size_t lingering_max = 10'000;

/// Ends a socket without losing what was written last (a DISCONNECT with its
/// reason): writes `output`, shuts the sending side down, and discards input
/// until the peer closes too or `linger_time` is over. A plain close would
/// answer unread input with a reset, which destroys the last bytes on their
/// way. Runs by itself on `home`; stopped with it.
void linger(runtime::reactor& home, socket_handle socket,
            mqtt::output_buffer output, traffic_counters& counters);

} // namespace hetzel::net
