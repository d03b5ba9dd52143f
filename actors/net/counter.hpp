#pragma once

#include "actors/net/transport_layer.hpp"

#include <array>
#include <atomic>
#include <cstdint>

namespace hetzel::net {

/// A counter that one thread writes and any thread reads: as cheap as a plain
/// integer for its writer.
class counter {
public:
  void add(std::uint64_t amount = 1) noexcept {
    value_.store(value_.load(std::memory_order_relaxed) + amount,
                 std::memory_order_relaxed);
  }

  void subtract(std::uint64_t amount = 1) noexcept {
    value_.store(value_.load(std::memory_order_relaxed) - amount,
                 std::memory_order_relaxed);
  }

  [[nodiscard]] std::uint64_t value() const noexcept {
    return value_.load(std::memory_order_relaxed);
  }

private:
  std::atomic<std::uint64_t> value_{0};
};

/// What the transports of one reactor counted. Written on that reactor only;
/// the names are those of the metrics.
struct traffic_counters {
  counter bytes_received;
  counter bytes_sent;
  counter socket_open;
  counter socket_close;
  counter socket_close_timeout; ///< no CONNECT in time
  counter socket_error;
  counter socket_refused;    ///< a connection limit was reached
  counter accept_throttled;  ///< times that `max_accept_rate` was reached
  counter connect_refused;   ///< CONNACK with an error, or malformed CONNECT
  counter lingering;         ///< gauge: sockets writing their last bytes
  counter lingering_cut;     ///< closed without that: too many already
  counter pending_connects;  ///< gauge: sockets that have not said CONNECT yet
  counter transport_established; ///< handshakes of layers that went through
  counter transport_resumed;     ///< of those, from an earlier connection's
  counter transport_timeout;     ///< handshakes not through in time
  counter transport_unfinished;  ///< the peer left within the handshake
  counter tls_on_plain_listener; ///< TLS where MQTT was expected
  /// By `transport_fault`; the first stays zero.
  std::array<counter, transport_fault_count> transport_faults;
};

} // namespace hetzel::net
