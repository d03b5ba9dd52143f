#pragma once

#include "actors/net/config.hpp"
#include "actors/net/local_socket_file.hpp"
#include "actors/net/socket_handle.hpp"
#include "protocol/expected.hpp"

#include <cstdint>
#include <string>

namespace hetzel::net {

/// A bound, listening, non-blocking socket. It outlives the listener actor
/// that accepts from it, so that a restarted one finds the same port and the
/// connections that waited meanwhile.
class listening_socket {
public:
  /// The error is a sentence for the operator: address and reason.
  [[nodiscard]] static mqtt::expected<listening_socket, std::string>
  open(const listener_config& config);

  [[nodiscard]] int descriptor() const noexcept { return socket_.get(); }

  /// As bound: the port is the real one when 0 was configured. Of a local
  /// socket "unix:<path>", and 0.
  [[nodiscard]] const std::string& address() const noexcept { return address_; }
  [[nodiscard]] std::uint16_t port() const noexcept { return port_; }

private:
  [[nodiscard]] static mqtt::expected<listening_socket, std::string>
  open_ip(const listener_config& config);
  [[nodiscard]] static mqtt::expected<listening_socket, std::string>
  open_local(const listener_config& config);

  listening_socket(socket_handle socket, std::string address,
                   std::uint16_t port);

  /// Of a local socket; goes after the socket, which it stands for.
  local_socket_file file_;
  socket_handle socket_;
  std::string address_;
  std::uint16_t port_;
};

} // namespace hetzel::net
