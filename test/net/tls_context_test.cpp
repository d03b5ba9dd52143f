#include "actors/net/tls/tls_context.hpp"

#include "actors/net/tls/server_certificate.hpp"
#include "test/support/tls_house.hpp"

#include <doctest/doctest.h>

#include <string>

namespace tls_context_test {

using namespace hetzel;
using hetzel::net::tls_context;
using hetzel::test::tls_house;

namespace {

std::string fault_of(const net::tls_config& config) {
  const auto made = tls_context::load(config, "mqtt");
  return made ? std::string{} : made.error();
}

} // namespace

TEST_CASE("a listener needs a certificate, or PSK") {
  CHECK(fault_of({}) == "certfile: is needed, or psk_support");
}

TEST_CASE("a file that is not there, or nothing of what it should be, is "
          "named") {
  tls_house house;
  const auto good = house.config;
  const auto absent = house.files.path("absent");
  const auto noise = test::write_file(house.files.path("noise"), "noise\n");
  CHECK(fault_of(good).empty());

  auto config = good;
  config.certificate.certfile = absent;
  CHECK(fault_of(config)
        == "certfile " + absent + ": No such file or directory");
  config.certificate.certfile = noise;
  CHECK(fault_of(config).starts_with("certfile " + noise + ": "));
  config = good;
  config.certificate.keyfile = absent;
  CHECK(fault_of(config)
        == "keyfile " + absent + ": No such file or directory");
  config.certificate.keyfile = house.files.path();
  CHECK(fault_of(config)
        == "keyfile " + house.files.path() + ": Is a directory");
  config = good;
  config.require_certificate = true;
  config.cafile = noise;
  CHECK(fault_of(config).starts_with("cafile " + noise + ": "));
  config.cafile.clear();
  CHECK(fault_of(config).starts_with("cafile: is needed"));
  config = good;
  config.require_certificate = true;
  config.crlfile = noise;
  CHECK(fault_of(config).starts_with("crlfile " + noise + ": "));
  config = good;
  config.psk_support = true;
  config.pskfile = noise;
  CHECK(fault_of(config)
        == "pskfile " + noise + ": line 1: there is no separator");
  config = good;
  config.named_certificates.push_back({noise, noise});
  CHECK(fault_of(config).starts_with("sni_certificates: certfile " + noise));
}

TEST_CASE("a key that belongs to another certificate is refused") {
  tls_house house;
  const auto other = house.write("other", house.authority.issue());
  house.config.certificate.keyfile = other.keyfile;
  CHECK(fault_of(house.config)
        == "keyfile " + other.keyfile + ": key values mismatch");
}

TEST_CASE("a key without a file of its own is looked for behind the "
          "certificate") {
  tls_house house;
  const auto issued = house.authority.issue();
  house.config.certificate
    = {test::write_file(house.files.path("both"),
                        issued.certificate + issued.key),
       ""};
  CHECK(fault_of(house.config).empty());
}

TEST_CASE("unknown groups and ciphers are refused, an unknown one among others "
          "is left out and noted") {
  tls_house house;
  house.config.groups = "secp384r1:X25519";
  CHECK(fault_of(house.config).empty());
  house.config.groups = "secp384r1:curve9";
  CHECK(fault_of(house.config).starts_with("eccs: "));
  house.config.groups.clear();
  house.config.ciphers = "ECDHE-ECDSA-DES-CBC3-SHA9";
  CHECK(fault_of(house.config) == "ciphers: none of them is known");
  house.config.ciphers += ":AES256-SHA";
  const auto made = tls_context::load(house.config, "mqtt");
  REQUIRE(made);
  REQUIRE((*made)->notes().size() == 1);
  CHECK((*made)->notes()[0]
        == "ciphers: there is no ECDHE-ECDSA-DES-CBC3-SHA9");
}

TEST_CASE("a certificate of ours that has expired is noted") {
  tls_house house;
  house.config.certificate = house.write(
    "old", house.authority.issue({.valid_from = -7'200, .valid_to = -60}));
  const auto made = tls_context::load(house.config, "mqtt");
  REQUIRE(made);
  REQUIRE((*made)->notes().size() == 1);
  CHECK((*made)->notes()[0].ends_with("old.pem: has expired"));
}

} // namespace tls_context_test
