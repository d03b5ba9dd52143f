#include "actors/net/websocket/forwarded.hpp"

#include <doctest/doctest.h>

#include <string>

namespace websocket_forwarded_test {

using namespace hetzel::net;

namespace {

std::string client_of(const char* entries, const char* trusted = "10.0.0.0/8") {
  const auto found = websocket::forwarded_client(
    entries, *parse_network_list(trusted));
  return found ? *found : "malformed";
}

} // namespace

TEST_CASE("the one entry is the client") {
  CHECK(client_of("203.0.113.9") == "203.0.113.9:0");
  CHECK(client_of(" 203.0.113.9:4711 ") == "203.0.113.9:4711");
  CHECK(client_of("2001:db8::1") == "[2001:db8::1]:0");
  CHECK(client_of("[2001:db8::1]") == "[2001:db8::1]:0");
  CHECK(client_of("[2001:db8::1]:4711") == "[2001:db8::1]:4711");
}

TEST_CASE("what stands in front of the last address that is no proxy's is "
          "anybody's word") {
  CHECK(client_of("198.51.100.1, 203.0.113.9") == "203.0.113.9:0");
  CHECK(client_of("198.51.100.1, 203.0.113.9, 10.0.0.2, 10.0.0.3")
        == "203.0.113.9:0");
  CHECK(client_of("not an address, 203.0.113.9") == "203.0.113.9:0");
}

TEST_CASE("when all are proxies the first is the client") {
  CHECK(client_of("10.0.0.1, 10.0.0.2") == "10.0.0.1:0");
}

TEST_CASE("without an entry nobody is named") {
  CHECK(client_of("").empty());
  CHECK(client_of(" ,, ").empty());
}

TEST_CASE("an entry that counts and is no address is malformed") {
  for (const char* wrong :
       {"somebody", "unknown", "203.0.113.9:", "203.0.113.9:x",
        "203.0.113.9:65536", "203.0.113.9:-1", "[2001:db8::1", "[2001:db8::1]x",
        "[2001:db8::1]:", "[]", "[", "2001:db8::g", "203.0.113.9, x",
        "203.0.113.9 198.51.100.1"}) {
    CAPTURE(wrong);
    CHECK(client_of(wrong) == "malformed");
  }
}

} // namespace websocket_forwarded_test
