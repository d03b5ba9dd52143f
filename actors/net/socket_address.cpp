#include "actors/net/socket_address.hpp"

#include <array>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>

namespace hetzel::net {

std::string to_string(const sockaddr_storage& address) {
  std::array<char, INET6_ADDRSTRLEN> text{};
  if (address.ss_family == AF_INET) {
    const auto& v4 = reinterpret_cast<const sockaddr_in&>(address);
    ::inet_ntop(AF_INET, &v4.sin_addr, text.data(), text.size());
    return std::string(text.data()) + ':' + std::to_string(ntohs(v4.sin_port));
  }
  if (address.ss_family == AF_INET6) {
    const auto& v6 = reinterpret_cast<const sockaddr_in6&>(address);
    ::inet_ntop(AF_INET6, &v6.sin6_addr, text.data(), text.size());
    return '[' + std::string(text.data()) + "]:"
           + std::to_string(ntohs(v6.sin6_port));
  }
  return "?";
}

std::string peer_name(int descriptor, const sockaddr_storage& peer) {
  if (peer.ss_family != AF_UNIX)
    return to_string(peer);
  ucred owner{};
  socklen_t size = sizeof(owner);
  if (::getsockopt(descriptor, SOL_SOCKET, SO_PEERCRED, &owner, &size) != 0)
    return "unix:?";
  return "unix:" + std::to_string(owner.pid) + '/' + std::to_string(owner.uid);
}

} // namespace hetzel::net
