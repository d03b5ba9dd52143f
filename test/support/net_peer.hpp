#pragma once

#include "actors/net/socket_handle.hpp"

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace hetzel::test {

/// The client's end of a socket: blocking, every wait with a deadline of
/// `patience_seconds`. What the system refuses is a `std::system_error`.
class net_peer {
public:
  static constexpr int patience_seconds = 20;

  explicit net_peer(net::socket_handle socket);

  /// Connects to 127.0.0.1 or, `is_v6`, to ::1.
  static net_peer connect(std::uint16_t port, bool is_v6 = false);

  /// A socket that has all it needs to connect but the connection.
  static net_peer unconnected();
  void connect_to(std::uint16_t port);

  void send(std::string_view bytes);

  /// `size` bytes, or what came until the other side ended it.
  std::string receive(std::size_t size);

  /// All until the end.
  std::string receive_rest();

  /// How the other side ended it: "closed", "reset", or "silent" when neither
  /// came in time; else the first byte that came.
  std::string end();

  /// Sends no more, still reads.
  void finish();
  void close() { socket_.close(); }
  /// Closes with a reset.
  void reset();

  [[nodiscard]] int descriptor() const noexcept { return socket_.get(); }
  /// As the other side sees it: "127.0.0.1:40312".
  [[nodiscard]] std::string address() const;

private:
  net::socket_handle socket_;
};

/// Two connected ends. `ours` does not block.
struct socket_pair {
  net::socket_handle ours;
  net_peer theirs;
};

/// Within the system, `type` SOCK_STREAM or SOCK_SEQPACKET: of the latter each
/// write is a record of its own, so that a test can count them.
socket_pair make_local_pair(int type);
socket_pair make_stream_pair();

/// Over TCP. Buffers as small as the system allows when `is_narrow`.
socket_pair make_tcp_pair(bool is_narrow = false);

/// The alphabet again and again: bytes that are lost, repeated or swapped show.
std::string letters(std::size_t size);

} // namespace hetzel::test
