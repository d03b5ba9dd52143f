#include "actors/net/proxy/layer.hpp"

#include "test/support/proxy_bytes.hpp"

#include <doctest/doctest.h>

#include <string>

namespace proxy_layer_test {

using namespace hetzel;
using net::peer_identity;
using net::transport_fault;
using net::transport_layer;
using net::proxy::layer;
using test::proxy_attribute;
using test::proxy_block;
using test::proxy_tls_attribute;

namespace {

constexpr auto open = transport_layer::status::open;
constexpr auto failed = transport_layer::status::failed;

struct porch {
  explicit porch(net::proxy::layer_options options = {.is_trusted = true})
    : door(options) {}

  transport_layer::status receive(const std::string& bytes) {
    return door.receive(bytes, up, down);
  }

  peer_identity identity() {
    peer_identity result;
    door.describe(result);
    return result;
  }

  layer door;
  std::string up;
  mqtt::output_buffer down;
};

std::string with_certificate(unsigned verify) {
  proxy_block block;
  block.attributes
    = proxy_attribute(0x02, "broker.example")
      + proxy_attribute(0x20, proxy_tls_attribute{.verify = verify}.value());
  return block.checked_bytes();
}

} // namespace

TEST_CASE("behind the header bytes pass as they are, however it was cut") {
  const auto header = proxy_block{}.bytes();
  const auto all = header + "what the client says";
  for (std::size_t cut = 1; cut < all.size(); ++cut) {
    CAPTURE(cut);
    porch p;
    CHECK(p.receive(all.substr(0, cut)) == open);
    CHECK(p.door.is_established() == (cut >= header.size()));
    CHECK(p.receive(all.substr(cut)) == open);
    CHECK(p.door.is_established());
    CHECK(p.up == "what the client says");
    CHECK(p.receive(header) == open);
    CHECK(p.up == "what the client says" + header);
    CHECK(p.identity().address == "192.0.2.1:4660");
  }
}

TEST_CASE("the header may come byte by byte") {
  porch p;
  for (const char byte : proxy_block{}.bytes() + "x") {
    CHECK_FALSE(p.up == "x");
    REQUIRE(p.receive(std::string(1, byte)) == open);
  }
  CHECK(p.up == "x");
}

TEST_CASE("nothing is sent to a proxy before its header") {
  porch p;
  mqtt::output_buffer output;
  output.tail() = "abc";
  p.door.send(output, p.down, 2);
  CHECK(p.down.empty());
  REQUIRE(p.receive(proxy_block{}.bytes()) == open);
  p.door.send(output, p.down, 2);
  CHECK(p.down.size() == 2);
  CHECK(output.size() == 1);
  CHECK(p.door.is_transparent());
}

TEST_CASE("who may not speak for others is refused by the first byte") {
  porch p{{.is_trusted = false}};
  CHECK(p.receive("") == open);
  CHECK(p.receive("P") == failed);
  CHECK(p.door.fault() == transport_fault::untrusted_proxy);
  CHECK(p.down.empty());
}

TEST_CASE("each fault of a header is one of the transport") {
  struct {
    std::string bytes;
    transport_fault fault;
  } const cases[] = {
    {"\x10", transport_fault::foreign},
    {"PROXY TCP4 x\r\n", transport_fault::malformed},
    {"PROXY UNKNOWN" + std::string(200, 'x'), transport_fault::limit},
    {proxy_block{.command = 0x33}.bytes(), transport_fault::malformed},
    {proxy_block{}.checked_bytes(7), transport_fault::malformed},
  };
  for (const auto& one : cases) {
    porch p;
    CHECK(p.receive(one.bytes) == failed);
    CHECK(p.door.fault() == one.fault);
    CHECK(std::string{p.door.failure()} != "");
    CHECK_FALSE(p.door.is_established());
  }
}

TEST_CASE("the common name of a verified certificate is the user name, unless "
          "the listener wants none") {
  porch p;
  REQUIRE(p.receive(with_certificate(0)) == open);
  CHECK(p.identity().common_name == "meter-7");
  CHECK(p.identity().user_name == "meter-7");
  CHECK(p.identity().tls_version == "TLSv1.3");
  CHECK(p.identity().tls_cipher == "TLS_AES_256_GCM_SHA384");
  CHECK(p.identity().server_name == "broker.example");
  porch plain{{.is_trusted = true, .takes_common_name = false}};
  REQUIRE(plain.receive(with_certificate(0)) == open);
  CHECK(plain.identity().common_name == "meter-7");
  CHECK_FALSE(plain.identity().user_name);
}

TEST_CASE("a certificate that the proxy found wrong names nobody") {
  porch p;
  REQUIRE(p.receive(with_certificate(1)) == open);
  CHECK(p.identity().common_name.empty());
  CHECK_FALSE(p.identity().user_name);
}

TEST_CASE("a proxy that speaks for itself changes nothing about who it is") {
  porch p;
  REQUIRE(p.receive(proxy_block{.command = 0x20}.bytes()) == open);
  CHECK(p.door.is_established());
  CHECK(p.identity().address.empty());
}

} // namespace proxy_layer_test
