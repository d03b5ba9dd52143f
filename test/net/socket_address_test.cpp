#include "actors/net/socket_address.hpp"

#include "actors/net/socket_handle.hpp"

#include <doctest/doctest.h>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

namespace socket_address_test {

using hetzel::net::peer_name;
using hetzel::net::to_string;

namespace {

sockaddr_storage v4(const char* text, std::uint16_t port) {
  sockaddr_storage result{};
  auto& address = reinterpret_cast<sockaddr_in&>(result);
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  REQUIRE(::inet_pton(AF_INET, text, &address.sin_addr) == 1);
  return result;
}

sockaddr_storage v6(const char* text, std::uint16_t port) {
  sockaddr_storage result{};
  auto& address = reinterpret_cast<sockaddr_in6&>(result);
  address.sin6_family = AF_INET6;
  address.sin6_port = htons(port);
  REQUIRE(::inet_pton(AF_INET6, text, &address.sin6_addr) == 1);
  return result;
}

} // namespace

TEST_CASE("a socket address is written as address and port, IPv6 in brackets") {
  CHECK(to_string(v4("127.0.0.1", 1883)) == "127.0.0.1:1883");
  CHECK(to_string(v4("255.255.255.255", 65'535)) == "255.255.255.255:65535");
  CHECK(to_string(v6("::1", 1883)) == "[::1]:1883");
  CHECK(to_string(v6("2001:db8::a:b", 1)) == "[2001:db8::a:b]:1");
}

TEST_CASE("the longest IPv6 address fits") {
  CHECK(to_string(v6("1111:2222:3333:4444:5555:6666:7777:8888", 65'535))
        == "[1111:2222:3333:4444:5555:6666:7777:8888]:65535");
  CHECK(to_string(v6("::ffff:255.255.255.255", 65'535))
        == "[::ffff:255.255.255.255]:65535");
}

TEST_CASE("an address of another family is a question mark") {
  sockaddr_storage local{};
  local.ss_family = AF_UNIX;
  CHECK(to_string(local) == "?");
}

TEST_CASE("the peer of a local socket is named by process and user") {
  int ends[2];
  REQUIRE(::socketpair(AF_UNIX, SOCK_STREAM, 0, ends) == 0);
  const hetzel::net::socket_handle one{ends[0]};
  const hetzel::net::socket_handle other{ends[1]};
  sockaddr_storage local{};
  local.ss_family = AF_UNIX;
  CHECK(peer_name(one.get(), local)
        == "unix:" + std::to_string(::getpid()) + '/'
             + std::to_string(::getuid()));
  CHECK(peer_name(-1, local) == "unix:?");
  CHECK(peer_name(-1, v4("127.0.0.1", 1883)) == "127.0.0.1:1883");
}

} // namespace socket_address_test
