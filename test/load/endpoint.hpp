#pragma once

#include <sys/socket.h>

#include <cstdint>
#include <string>

namespace hetzel::test::load {

/// Where the server listens, resolved.
struct endpoint {
  sockaddr_storage address{};
  socklen_t address_size = 0;

  [[nodiscard]] bool is_loopback_v4() const noexcept;
};

/// Throws std::runtime_error when the name has no address.
[[nodiscard]] endpoint resolve(const std::string& host, std::uint16_t port);

/// A non-blocking TCP socket on its way to `server`, or connected already.
/// When the ports of a loopback address are used up, the next of
/// 127.0.0.2…127.0.0.250 becomes the source. Returns −1 with errno set.
[[nodiscard]] int open_connection(const endpoint& server) noexcept;

/// Raises the limit of open descriptors to its hard limit and returns that.
std::uint64_t raise_descriptor_limit() noexcept;

} // namespace hetzel::test::load
