#include "test/support/net_peer.hpp"

#include "actors/net/socket_address.hpp"

#include <array>
#include <cerrno>
#include <system_error>
#include <utility>

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/time.h>

namespace hetzel::test {

namespace {

constexpr int narrow_bytes = 4096;

int checked(int result) {
  if (result < 0)
    throw std::system_error{errno, std::generic_category()};
  return result;
}

void set_option(int descriptor, int option, const void* value,
                socklen_t size) {
  checked(::setsockopt(descriptor, SOL_SOCKET, option, value, size));
}

void make_patient(int descriptor) {
  const timeval limit{.tv_sec = net_peer::patience_seconds, .tv_usec = 0};
  set_option(descriptor, SO_RCVTIMEO, &limit, sizeof limit);
  set_option(descriptor, SO_SNDTIMEO, &limit, sizeof limit);
}

net::socket_handle make_socket(int family) {
  return net::socket_handle{
    checked(::socket(family, SOCK_STREAM | SOCK_CLOEXEC, 0))};
}

void narrow(int descriptor) {
  set_option(descriptor, SO_SNDBUF, &narrow_bytes, sizeof narrow_bytes);
  set_option(descriptor, SO_RCVBUF, &narrow_bytes, sizeof narrow_bytes);
}

sockaddr_in loopback(std::uint16_t port) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  address.sin_port = htons(port);
  return address;
}

template <class Address>
void connect_socket(int descriptor, const Address& address) {
  checked(::connect(descriptor, reinterpret_cast<const sockaddr*>(&address),
                    sizeof address));
}

std::uint16_t bound_port(int descriptor) {
  sockaddr_in address{};
  socklen_t size = sizeof address;
  checked(::getsockname(descriptor, reinterpret_cast<sockaddr*>(&address),
                        &size));
  return ntohs(address.sin_port);
}

} // namespace

net_peer::net_peer(net::socket_handle socket) : socket_(std::move(socket)) {
  make_patient(descriptor());
}

net_peer net_peer::connect(std::uint16_t port, bool is_v6) {
  if (!is_v6) {
    auto result = unconnected();
    result.connect_to(port);
    return result;
  }
  net_peer result{make_socket(AF_INET6)};
  sockaddr_in6 address{};
  address.sin6_family = AF_INET6;
  address.sin6_addr = in6addr_loopback;
  address.sin6_port = htons(port);
  connect_socket(result.descriptor(), address);
  return result;
}

net_peer net_peer::unconnected() {
  return net_peer{make_socket(AF_INET)};
}

void net_peer::connect_to(std::uint16_t port) {
  connect_socket(descriptor(), loopback(port));
}

void net_peer::send(std::string_view bytes) {
  while (!bytes.empty()) {
    const auto sent = ::send(descriptor(), bytes.data(), bytes.size(),
                             MSG_NOSIGNAL);
    if (sent < 0)
      throw std::system_error{errno, std::generic_category(), "send"};
    bytes.remove_prefix(static_cast<std::size_t>(sent));
  }
}

std::string net_peer::receive(std::size_t size) {
  std::string result;
  std::array<char, 64 * 1024> buffer;
  while (result.size() < size) {
    const auto wanted = std::min(buffer.size(), size - result.size());
    const auto count = ::recv(descriptor(), buffer.data(), wanted, 0);
    if (count <= 0)
      break;
    result.append(buffer.data(), static_cast<std::size_t>(count));
  }
  return result;
}

std::string net_peer::receive_rest() {
  return receive(std::string::npos);
}

std::string net_peer::end() {
  char byte = 0;
  const auto count = ::recv(descriptor(), &byte, 1, 0);
  if (count > 0)
    return {byte};
  if (count == 0)
    return "closed";
  return errno == ECONNRESET ? "reset" : "silent";
}

void net_peer::finish() {
  checked(::shutdown(descriptor(), SHUT_WR));
}

void net_peer::reset() {
  const linger at_once{.l_onoff = 1, .l_linger = 0};
  set_option(descriptor(), SO_LINGER, &at_once, sizeof at_once);
  close();
}

std::string net_peer::address() const {
  sockaddr_storage address{};
  socklen_t size = sizeof address;
  checked(::getsockname(descriptor(), reinterpret_cast<sockaddr*>(&address),
                        &size));
  return net::to_string(address);
}

socket_pair make_local_pair(int type) {
  std::array<int, 2> ends{};
  checked(::socketpair(AF_UNIX, type | SOCK_CLOEXEC, 0, ends.data()));
  socket_pair result{net::socket_handle{ends[0]},
                     net_peer{net::socket_handle{ends[1]}}};
  checked(::fcntl(ends[0], F_SETFL, O_NONBLOCK));
  return result;
}

socket_pair make_stream_pair() {
  return make_local_pair(SOCK_STREAM);
}

socket_pair make_tcp_pair(bool is_narrow) {
  const auto acceptor = make_socket(AF_INET);
  const auto address = loopback(0);
  // Before the connection: it decides about the window.
  if (is_narrow)
    narrow(acceptor.get());
  checked(::bind(acceptor.get(), reinterpret_cast<const sockaddr*>(&address),
                 sizeof address));
  checked(::listen(acceptor.get(), 1));
  auto theirs = net_peer::unconnected();
  if (is_narrow)
    narrow(theirs.descriptor());
  theirs.connect_to(bound_port(acceptor.get()));
  return {net::socket_handle{checked(
            ::accept4(acceptor.get(), nullptr, nullptr,
                      SOCK_NONBLOCK | SOCK_CLOEXEC))},
          std::move(theirs)};
}

std::string letters(std::size_t size) {
  std::string result(size, 'a');
  for (std::size_t i = 0; i < size; ++i)
    result[i] = static_cast<char>('a' + i % 26);
  return result;
}

} // namespace hetzel::test
