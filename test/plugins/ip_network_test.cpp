#include "plugins/bans/ip_network.hpp"

#include <doctest/doctest.h>

#include <string>

namespace ip_network_test {

using namespace hetzel;
using namespace hetzel::plugins;

namespace {

std::string canonical(mqtt::bytes_view text) {
  const auto network = ip_network::parse(text);
  return network ? network->text() : "none";
}

bool contains(mqtt::bytes_view network, mqtt::bytes_view address) {
  const auto of = ip_network::parse(network);
  const auto one = ip_address::parse(address);
  REQUIRE(of);
  REQUIRE(one);
  return ip_network::around(*one, of->prefix) == *of;
}

} // namespace

TEST_CASE("a network is written in its shortest form") {
  CHECK(canonical("192.0.2.77/24") == "192.0.2.0/24");
  CHECK(canonical("192.0.2.77") == "192.0.2.77");
  CHECK(canonical("192.0.2.77/32") == "192.0.2.77");
  CHECK(canonical("0.0.0.0/0") == "0.0.0.0/0");
  CHECK(canonical("2001:DB8:0::1/32") == "2001:db8::/32");
  CHECK(canonical("::1") == "::1");
  CHECK(canonical("::/0") == "::/0");
  CHECK(canonical("::ffff:192.0.2.1") == "192.0.2.1");
  CHECK(canonical("192.0.2.0/25") == "192.0.2.0/25");
}

TEST_CASE("what is no network is none") {
  for (auto text : {"", "/", "192.0.2.0/33", "192.0.2/24", "::/129", "::/-1",
                    "::/", "[::1]", "host", "192.0.2.1/24/3", "fe80::1%eth0"})
    CHECK(canonical(text) == "none");
  using namespace std::string_view_literals;
  CHECK(canonical("192.0.2.1\0x"sv) == "none");
}

TEST_CASE("an address is in the networks whose bits it shares") {
  CHECK(contains("192.0.2.0/24", "192.0.2.255"));
  CHECK_FALSE(contains("192.0.2.0/24", "192.0.3.0"));
  CHECK(contains("192.0.2.128/25", "192.0.2.200"));
  CHECK_FALSE(contains("192.0.2.128/25", "192.0.2.127"));
  CHECK(contains("0.0.0.0/0", "8.8.8.8"));
  CHECK_FALSE(contains("0.0.0.0/0", "2001:db8::1"));
  CHECK(contains("::/0", "8.8.8.8"));
  CHECK(contains("2001:db8::/33", "2001:db8:7fff::"));
  CHECK_FALSE(contains("2001:db8::/33", "2001:db8:8000::"));
  CHECK(contains("192.0.2.1", "::ffff:192.0.2.1"));
}

TEST_CASE("the address of a peer is read from what logs call it") {
  CHECK(ip_address::parse_peer("192.0.2.1:1883")
        == ip_address::parse("192.0.2.1"));
  CHECK(ip_address::parse_peer("[2001:db8::1]:1883")
        == ip_address::parse("2001:db8::1"));
  CHECK(ip_address::parse_peer("2001:db8::1")
        == ip_address::parse("2001:db8::1"));
  CHECK(ip_address::parse_peer("192.0.2.1") == ip_address::parse("192.0.2.1"));
  CHECK_FALSE(ip_address::parse_peer("local:/run/hetzel"));
  CHECK_FALSE(ip_address::parse_peer(""));
}

} // namespace ip_network_test
