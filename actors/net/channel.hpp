#pragma once

#include "actors/net/connection.hpp"
#include "actors/net/stream_descriptor.hpp"

#include <boost/smart_ptr/intrusive_ref_counter.hpp>

namespace hetzel::net {

/// The part of a connection that Asio's pending waits keep alive: when a wait
/// ends, `owner` tells whether there still is somebody to call.
struct connection::channel
  : boost::intrusive_ref_counter<channel, boost::thread_unsafe_counter> {
  channel(boost::asio::io_context& io, socket_handle socket, connection* by)
    : descriptor(io, socket.release()), owner(by) {}

  [[nodiscard]] int fd() { return descriptor.native_handle(); }

  stream_descriptor descriptor;
  connection* owner;
  bool waits_readable = false;
  bool waits_writable = false;
};

} // namespace hetzel::net
