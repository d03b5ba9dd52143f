#include "test/load/endpoint.hpp"

#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/resource.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <cstring>
#include <stdexcept>

namespace hetzel::test::load {

namespace {

constexpr std::uint32_t loopback_sources_max = 250;

// Index of the source address in use; 1: the kernel chooses.
std::atomic<std::uint32_t> loopback_source{1};

void bind_source(int descriptor, std::uint32_t source) noexcept {
  const int on = 1;
  // The port is then chosen at connect, per destination, not per address.
  ::setsockopt(descriptor, IPPROTO_IP, IP_BIND_ADDRESS_NO_PORT, &on, sizeof on);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl((127U << 24) + source);
  ::bind(descriptor, reinterpret_cast<const sockaddr*>(&address),
         sizeof address);
}

int try_open(const endpoint& server, std::uint32_t source) noexcept {
  const auto descriptor
    = ::socket(server.address.ss_family,
               SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, IPPROTO_TCP);
  if (descriptor < 0)
    return -1;
  const int on = 1;
  ::setsockopt(descriptor, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  if (source > 1)
    bind_source(descriptor, source);
  const auto* const address
    = reinterpret_cast<const sockaddr*>(&server.address);
  if (::connect(descriptor, address, server.address_size) == 0
      || errno == EINPROGRESS)
    return descriptor;
  const auto why = errno;
  ::close(descriptor);
  errno = why;
  return -1;
}

} // namespace

bool endpoint::is_loopback_v4() const noexcept {
  if (address.ss_family != AF_INET)
    return false;
  const auto* const v4 = reinterpret_cast<const sockaddr_in*>(&address);
  return ntohl(v4->sin_addr.s_addr) >> 24 == 127;
}

endpoint resolve(const std::string& host, std::uint16_t port) {
  addrinfo wanted{};
  wanted.ai_family = AF_UNSPEC;
  wanted.ai_socktype = SOCK_STREAM;
  addrinfo* found = nullptr;
  const auto result = ::getaddrinfo(host.c_str(), std::to_string(port).c_str(),
                                    &wanted, &found);
  if (result != 0)
    throw std::runtime_error(host + ": " + ::gai_strerror(result));
  endpoint server;
  std::memcpy(&server.address, found->ai_addr, found->ai_addrlen);
  server.address_size = found->ai_addrlen;
  ::freeaddrinfo(found);
  return server;
}

int open_connection(const endpoint& server) noexcept {
  for (;;) {
    auto source = loopback_source.load();
    const auto descriptor = try_open(server, source);
    if (descriptor >= 0 || errno != EADDRNOTAVAIL || !server.is_loopback_v4()
        || source >= loopback_sources_max)
      return descriptor;
    loopback_source.compare_exchange_strong(source, source + 1);
  }
}

std::uint64_t raise_descriptor_limit() noexcept {
  rlimit limit{};
  ::getrlimit(RLIMIT_NOFILE, &limit);
  limit.rlim_cur = limit.rlim_max;
  ::setrlimit(RLIMIT_NOFILE, &limit);
  return limit.rlim_cur;
}

} // namespace hetzel::test::load
