#include "actors/net/tls/tls_source.hpp"

#include "test/support/tls_house.hpp"

#include <doctest/doctest.h>

#include <memory>
#include <string>

namespace tls_source_test {

using namespace hetzel;
using status = hetzel::net::transport_layer::status;
using hetzel::net::tls_source;
using hetzel::test::tls_client;
using hetzel::test::tls_house;

namespace {

std::shared_ptr<tls_source> open(const tls_house& house) {
  auto opened = tls_source::open("ssl.test", house.config, "mqtt");
  REQUIRE(opened);
  return *opened;
}

/// The common name that a new client is shown; "" when it is refused.
std::string shown(tls_source& source, const test::tls_wish& wish) {
  const auto layer = source.make();
  tls_client client{wish};
  std::string up;
  return client.talk(*layer, up) == status::open ? client.server_common_name()
                                                 : std::string{};
}

} // namespace

TEST_CASE("a listener whose files cannot be used is not opened, and the fault "
          "names it") {
  tls_house house;
  house.config.certificate.certfile = "/nowhere";
  const auto opened = tls_source::open("ssl.test", house.config, "mqtt");
  REQUIRE_FALSE(opened);
  CHECK(opened.error()
        == "listener ssl.test: certfile /nowhere: No such file or directory");
}

TEST_CASE("a certificate that was replaced is shown to the next client, and "
          "who is there stays") {
  tls_house house;
  const auto source = open(house);
  const auto layer = source->make();
  tls_client early{house.client()};
  std::string up;
  REQUIRE(early.talk(*layer, up) == status::open);
  house.write("server", house.authority.issue({.common_name = "fresh"}));
  CHECK(shown(*source, house.client()) == "localhost");
  CHECK(source->refresh());
  CHECK(shown(*source, house.client()) == "fresh");
  CHECK(early.talk(*layer, up, early.write("still here")) == status::open);
  CHECK(up == "still here");
}

TEST_CASE("what did not change is not read again") {
  tls_house house;
  const auto source = open(house);
  const auto before = source->current();
  CHECK(source->refresh());
  CHECK(source->current() == before);
}

TEST_CASE("a file that is broken leaves the old ones in force, until it is "
          "mended") {
  tls_house house;
  const auto source = open(house);
  const auto fresh = house.authority.issue({.common_name = "fresh"});
  // The certificate is there already, its key is not.
  test::write_file(house.config.certificate.certfile, fresh.certificate);
  CHECK_FALSE(source->refresh());
  CHECK(shown(*source, house.client()) == "localhost");
  // It was told once.
  CHECK(source->refresh());
  CHECK(shown(*source, house.client()) == "localhost");
  test::write_file(house.config.certificate.keyfile, fresh.key);
  CHECK(source->refresh());
  CHECK(shown(*source, house.client()) == "fresh");
}

TEST_CASE("a revocation list that was replaced counts for the next client") {
  tls_house house;
  house.config.require_certificate = true;
  house.config.crlfile = test::write_file(house.files.path("crl.pem"),
                                    house.authority.revocations());
  const auto source = open(house);
  const auto wish = house.client({.common_name = "jules"});
  CHECK(shown(*source, wish) == "localhost");
  house.authority.revoke(wish.own);
  test::write_file(house.config.crlfile, house.authority.revocations());
  CHECK(source->refresh());
  CHECK(shown(*source, wish).empty());
}

TEST_CASE("a key that was added to the PSK file counts for the next client") {
  tls_house house;
  house.config.psk_support = true;
  house.config.pskfile = test::write_file(house.files.path("psk"), "one:1\n");
  const auto source = open(house);
  test::tls_wish wish;
  wish.version_max = TLS1_2_VERSION;
  wish.ciphers = "PSK";
  wish.psk_identity = "two";
  wish.psk_key = "2";
  const auto is_served = [&] {
    const auto layer = source->make();
    tls_client client{wish};
    std::string up;
    return client.talk(*layer, up) == status::open;
  };
  CHECK_FALSE(is_served());
  test::write_file(house.config.pskfile, "one:1\ntwo:2\n");
  CHECK(source->refresh());
  CHECK(is_served());
}

} // namespace tls_source_test
