#include "actors/net/listening_socket.hpp"

#include "test/support/net_peer.hpp"

#include <doctest/doctest.h>

#include <string>

#include <fcntl.h>
#include <sys/socket.h>

namespace listening_socket_test {

using namespace hetzel::net;
using hetzel::test::net_peer;

namespace {

listener_config at(std::string address, std::uint16_t port = 0) {
  listener_config result;
  result.name = "tcp.test";
  result.address = std::move(address);
  result.port = port;
  return result;
}

socket_handle accept_one(const listening_socket& from) {
  return socket_handle{::accept4(from.descriptor(), nullptr, nullptr, 0)};
}

} // namespace

TEST_CASE("port 0 is one that the system chose, and the address tells it") {
  const auto socket = listening_socket::open(at("127.0.0.1"));
  REQUIRE(socket);
  CHECK(socket->port() != 0);
  CHECK(socket->address() == "127.0.0.1:" + std::to_string(socket->port()));
  auto client = net_peer::connect(socket->port());
  client.send("x");
  CHECK(accept_one(*socket));
}

TEST_CASE("an IPv6 address is given without brackets") {
  const auto socket = listening_socket::open(at("::1"));
  REQUIRE(socket);
  CHECK(socket->address() == "[::1]:" + std::to_string(socket->port()));
  const auto client = net_peer::connect(socket->port(), true);
  CHECK(accept_one(*socket));
}

TEST_CASE("accepting from it never blocks, and no child program inherits it") {
  const auto socket = listening_socket::open(at("127.0.0.1"));
  REQUIRE(socket);
  CHECK_FALSE(accept_one(*socket));
  CHECK((::fcntl(socket->descriptor(), F_GETFD) & FD_CLOEXEC) != 0);
}

TEST_CASE("a busy port is an error that names the listener, the address and "
          "the reason") {
  const auto first = listening_socket::open(at("127.0.0.1"));
  REQUIRE(first);
  const auto second = listening_socket::open(at("127.0.0.1", first->port()));
  REQUIRE_FALSE(second);
  CHECK(second.error()
        == "listener tcp.test: cannot listen on 127.0.0.1 port "
             + std::to_string(first->port()) + ": Address already in use");
}

TEST_CASE("what is no IP address is an error that says so") {
  for (const char* wrong : {"localhost", "", "[::1]", "127.0.0", "::1%x",
                            "256.0.0.1", "127.0.0.1:1883"}) {
    CAPTURE(wrong);
    const auto socket = listening_socket::open(at(wrong, 1));
    REQUIRE_FALSE(socket);
    CHECK(socket.error()
          == "listener tcp.test: cannot listen on " + std::string{wrong}
               + " port 1: not an IP address");
  }
}

TEST_CASE("an address that is another machine's is an error") {
  const auto socket = listening_socket::open(at("203.0.113.1"));
  REQUIRE_FALSE(socket);
  CHECK(socket.error().find("203.0.113.1 port 0: Cannot assign requested")
        != std::string::npos);
}

TEST_CASE("a port is free again at once, although connections of its last "
          "owner still fade away") {
  auto socket = listening_socket::open(at("127.0.0.1"));
  REQUIRE(socket);
  const auto port = socket->port();
  auto client = net_peer::connect(port);
  auto accepted = accept_one(*socket);
  REQUIRE(accepted);
  // The side that closes first keeps the port in TIME_WAIT.
  accepted.close();
  CHECK(client.end() == "closed");
  client.close();
  {
    const listening_socket gone{std::move(*socket)};
  }
  const auto again = listening_socket::open(at("127.0.0.1", port));
  REQUIRE(again);
  CHECK(again->port() == port);
}

} // namespace listening_socket_test
