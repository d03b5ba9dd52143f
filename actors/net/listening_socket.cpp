#include "actors/net/listening_socket.hpp"

#include "actors/net/socket_address.hpp"

#include <cerrno>
#include <cstring>
#include <utility>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>

namespace hetzel::net {

namespace {

struct parsed_address {
  sockaddr_storage storage{};
  socklen_t size = 0;
};

bool parse(const listener_config& config, parsed_address& into) {
  auto& v4 = reinterpret_cast<sockaddr_in&>(into.storage);
  if (::inet_pton(AF_INET, config.address.c_str(), &v4.sin_addr) == 1) {
    v4.sin_family = AF_INET;
    v4.sin_port = htons(config.port);
    into.size = sizeof(sockaddr_in);
    return true;
  }
  auto& v6 = reinterpret_cast<sockaddr_in6&>(into.storage);
  if (::inet_pton(AF_INET6, config.address.c_str(), &v6.sin6_addr) == 1) {
    v6.sin6_family = AF_INET6;
    v6.sin6_port = htons(config.port);
    into.size = sizeof(sockaddr_in6);
    return true;
  }
  return false;
}

mqtt::unexpected<std::string> failure(const listener_config& config,
                                      const std::string& reason) {
  const auto port
    = is_local(config) ? "" : " port " + std::to_string(config.port);
  return mqtt::unexpected<std::string>("listener " + config.name
                                       + ": cannot listen on " + config.address
                                       + port + ": " + reason);
}

std::uint16_t port_of(const sockaddr_storage& address) noexcept {
  return address.ss_family == AF_INET
           ? ntohs(reinterpret_cast<const sockaddr_in&>(address).sin_port)
           : ntohs(reinterpret_cast<const sockaddr_in6&>(address).sin6_port);
}

} // namespace

mqtt::expected<listening_socket, std::string>
listening_socket::open(const listener_config& config) {
  return is_local(config) ? open_local(config) : open_ip(config);
}

mqtt::expected<listening_socket, std::string>
listening_socket::open_local(const listener_config& config) {
  listening_socket result{
    socket_handle{
      ::socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0)},
    "unix:" + config.address, 0};
  if (!result.socket_)
    return failure(config, std::strerror(errno));
  auto file = local_socket_file::bind(result.descriptor(), config.address,
                                      config.socket_mode);
  if (!file)
    return failure(config, file.error());
  result.file_ = std::move(*file);
  if (::listen(result.descriptor(), config.backlog) != 0)
    return failure(config, std::strerror(errno));
  return result;
}

mqtt::expected<listening_socket, std::string>
listening_socket::open_ip(const listener_config& config) {
  parsed_address wanted;
  if (!parse(config, wanted))
    return failure(config, "not an IP address");
  socket_handle socket{::socket(wanted.storage.ss_family,
                                SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC,
                                0)};
  if (!socket)
    return failure(config, std::strerror(errno));
  const int on = 1;
  (void) ::setsockopt(socket.get(), SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
  auto* address = reinterpret_cast<sockaddr*>(&wanted.storage);
  if (::bind(socket.get(), address, wanted.size) != 0
      || ::listen(socket.get(), config.backlog) != 0)
    return failure(config, std::strerror(errno));
  sockaddr_storage bound{};
  socklen_t size = sizeof(bound);
  if (::getsockname(socket.get(), reinterpret_cast<sockaddr*>(&bound), &size)
      != 0)
    return failure(config, std::strerror(errno));
  return listening_socket{std::move(socket), to_string(bound), port_of(bound)};
}

listening_socket::listening_socket(socket_handle socket, std::string address,
                                   std::uint16_t port)
  : socket_(std::move(socket)), address_(std::move(address)), port_(port) {}

} // namespace hetzel::net
