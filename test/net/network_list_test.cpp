#include "actors/net/network_list.hpp"

#include <doctest/doctest.h>

#include <string>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>

namespace network_list_test {

using namespace hetzel::net;

namespace {

bool is_in(const char* list, const char* address) {
  const auto networks = parse_network_list(list);
  const auto one = parse_ip(address);
  REQUIRE(networks);
  REQUIRE(one);
  return networks->contains(*one);
}

} // namespace

TEST_CASE("a network holds the addresses that begin as it does, to the bit") {
  CHECK(is_in("10.0.0.0/8", "10.255.255.255"));
  CHECK_FALSE(is_in("10.0.0.0/8", "11.0.0.0"));
  CHECK(is_in("192.0.2.128/25", "192.0.2.128"));
  CHECK(is_in("192.0.2.128/25", "192.0.2.255"));
  CHECK_FALSE(is_in("192.0.2.128/25", "192.0.2.127"));
  CHECK(is_in("192.0.2.4/31", "192.0.2.5"));
  CHECK_FALSE(is_in("192.0.2.4/31", "192.0.2.6"));
  CHECK(is_in("2001:db8::/33", "2001:db8:7fff::1"));
  CHECK_FALSE(is_in("2001:db8::/33", "2001:db8:8000::1"));
  CHECK(is_in("0.0.0.0/0", "255.255.255.255"));
  CHECK(is_in("::/0", "10.0.0.1"));
}

TEST_CASE("an address alone is a network of one") {
  CHECK(is_in("192.0.2.1", "192.0.2.1"));
  CHECK_FALSE(is_in("192.0.2.1", "192.0.2.0"));
  CHECK(is_in("::1", "::1"));
  CHECK_FALSE(is_in("::1", "127.0.0.1"));
}

TEST_CASE("an IPv4 address is the same one when it comes through an IPv6 "
          "socket") {
  CHECK(is_in("10.0.0.0/8", "::ffff:10.1.2.3"));
  CHECK_FALSE(is_in("10.0.0.0/8", "::10.1.2.3"));
  // All of IPv4 is not all of IPv6.
  CHECK_FALSE(is_in("0.0.0.0/0", "2001:db8::1"));
}

TEST_CASE("a list takes commas, semicolons and blanks, all and none") {
  for (const char* list : {"10.0.0.0/8,::1", "10.0.0.0/8;::1",
                           " 10.0.0.0/8 , ::1 ", ";;10.0.0.0/8\t::1"}) {
    CAPTURE(list);
    CHECK(is_in(list, "10.1.1.1"));
    CHECK(is_in(list, "::1"));
    CHECK_FALSE(is_in(list, "127.0.0.1"));
  }
  CHECK(is_in("all", "192.0.2.1"));
  CHECK(is_in("all", "2001:db8::1"));
  CHECK_FALSE(is_in("none", "127.0.0.1"));
  CHECK_FALSE(is_in("", "127.0.0.1"));
  CHECK(parse_network_list("none")->empty());
}

TEST_CASE("what is no network is an error that cites it") {
  for (const char* wrong :
       {"localhost", "10.0.0.0/", "10.0.0.0/33", "10.0.0.0/-1", "10.0.0.0/8x",
        "10.0.0/8", "::/129", "[::1]", "10.0.0.1/8", "2001:db8::1/64"}) {
    CAPTURE(wrong);
    const auto list = parse_network_list(std::string{"::1,"} + wrong);
    REQUIRE_FALSE(list);
    CHECK(list.error().starts_with('\'' + std::string{wrong} + "' "));
  }
}

TEST_CASE("a literal with a NUL in it is none") {
  using namespace std::string_view_literals;
  CHECK_FALSE(parse_ip("127.0.0.1\0x"sv));
}

TEST_CASE("the address of a socket of another family is no IP address") {
  sockaddr_storage storage{};
  storage.ss_family = AF_UNIX;
  CHECK_FALSE(ip_of(storage));
  auto& v4 = reinterpret_cast<sockaddr_in&>(storage);
  v4.sin_family = AF_INET;
  v4.sin_addr.s_addr = htonl(0x7F000001);
  CHECK(ip_of(storage) == parse_ip("127.0.0.1"));
  auto& v6 = reinterpret_cast<sockaddr_in6&>(storage);
  v6 = {};
  v6.sin6_family = AF_INET6;
  v6.sin6_addr = in6addr_loopback;
  CHECK(ip_of(storage) == parse_ip("::1"));
}

} // namespace network_list_test
