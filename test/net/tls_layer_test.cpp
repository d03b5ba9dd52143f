#include "actors/net/tls/tls_layer.hpp"

#include "actors/net/tls/tls_source.hpp"
#include "test/support/tls_house.hpp"

#include <doctest/doctest.h>

#include <array>
#include <memory>
#include <string>

namespace tls_layer_test {

using namespace hetzel;
using status = hetzel::net::transport_layer::status;
using hetzel::net::transport_fault;
using hetzel::test::tls_client;
using hetzel::test::tls_house;

namespace {

/// A server's layer and what it made of a client.
struct meeting {
  explicit meeting(const tls_house& house)
    : meeting(*net::tls_source::open("ssl.test", house.config, "mqtt")) {}

  explicit meeting(std::shared_ptr<net::tls_source> of)
    : source(std::move(of)), layer(source->make()) {}

  status with(tls_client& client) { return client.talk(*layer, up); }

  [[nodiscard]] net::peer_identity identity() const {
    net::peer_identity result;
    layer->describe(result);
    return result;
  }

  std::shared_ptr<net::tls_source> source;
  std::unique_ptr<net::transport_layer> layer;
  std::string up;
};

std::string sealed(net::transport_layer& layer, std::string_view text,
                   std::size_t bytes_max = 1'000'000) {
  mqtt::output_buffer output;
  output.tail().append(text);
  mqtt::output_buffer down;
  layer.send(output, down, bytes_max);
  std::array<mqtt::bytes_view, 4> parts;
  std::string result;
  const auto used = down.gather(parts);
  for (std::size_t i = 0; i < used; ++i)
    result += parts[i];
  return result;
}

} // namespace

TEST_CASE("a client of 1.2 and one of 1.3 are served by default, one of 1.1 is "
          "not") {
  tls_house house;
  for (const int version : {TLS1_2_VERSION, TLS1_3_VERSION}) {
    auto wish = house.client();
    wish.version_min = wish.version_max = version;
    tls_client client{wish};
    meeting met{house};
    CHECK(met.with(client) == status::open);
    CHECK(client.failure == "");
    CHECK(met.layer->is_established());
    CHECK(met.identity().tls_version
          == (version == TLS1_2_VERSION ? "TLSv1.2" : "TLSv1.3"));
    CHECK(client.talk(*met.layer, met.up, client.write("up")) == status::open);
    CHECK(met.up == "up");
    CHECK(client.exchange(sealed(*met.layer, "down")).empty());
    CHECK(client.plain == "down");
  }
  auto wish = house.client();
  wish.version_min = wish.version_max = TLS1_1_VERSION;
  tls_client client{wish};
  meeting met{house};
  CHECK(met.with(client) == status::failed);
  CHECK(met.layer->fault() == transport_fault::no_common);
  CHECK_FALSE(met.layer->is_established());
}

TEST_CASE("old versions are served when they are asked for, alone too") {
  tls_house house;
  house.config.allowed_versions = {.v1_0 = true, .v1_2 = false, .v1_3 = false};
  auto wish = house.client();
  wish.version_min = TLS1_VERSION;
  tls_client client{wish};
  meeting met{house};
  CHECK(met.with(client) == status::open);
  CHECK(client.version() == "TLSv1");
}

TEST_CASE("nothing passes before the handshake is through") {
  tls_house house;
  meeting met{house};
  CHECK(sealed(*met.layer, "early").empty());
}

TEST_CASE("output leaves in records, as far as it was asked for") {
  tls_house house;
  tls_client client{house.client()};
  meeting met{house};
  REQUIRE(met.with(client) == status::open);
  const std::string text(100'000, 'x');
  const auto wire = sealed(*met.layer, text, 40'000);
  CHECK(wire.size() > 40'000);
  CHECK(wire.size() < 40'000 + 3 * 64);
  client.exchange(wire);
  CHECK(client.plain.size() == 40'000);
}

TEST_CASE("bytes may come one by one, or many records at once") {
  tls_house house;
  tls_client client{house.client()};
  meeting met{house};
  std::string to_server = client.exchange({});
  while (!to_server.empty()) {
    mqtt::output_buffer down;
    for (const char byte : to_server)
      REQUIRE(met.layer->receive({&byte, 1}, met.up, down) == status::open);
    std::array<mqtt::bytes_view, 1> part;
    const auto used = down.gather(part);
    to_server = client.exchange(used ? part[0] : mqtt::bytes_view{});
  }
  REQUIRE(client.is_established());
  auto wire = client.write("one ");
  wire += client.write("two ");
  wire += client.write(std::string(50'000, 'x'));
  CHECK(client.talk(*met.layer, met.up, wire) == status::open);
  CHECK(met.up == "one two " + std::string(50'000, 'x'));
}

TEST_CASE("an end is told from a failure, either way") {
  tls_house house;
  tls_client client{house.client()};
  meeting met{house};
  REQUIRE(met.with(client) == status::open);
  SUBCASE("the client's, after its last word") {
    auto wire = client.write("bye");
    wire += client.finish();
    CHECK(client.talk(*met.layer, met.up, wire) == status::ended);
    CHECK(met.up == "bye");
    CHECK(met.layer->fault() == transport_fault::none);
  }
  SUBCASE("ours") {
    mqtt::output_buffer down;
    met.layer->close(down);
    std::array<mqtt::bytes_view, 1> part;
    REQUIRE(down.gather(part) == 1);
    client.exchange(part[0]);
    CHECK(client.is_ended());
  }
  SUBCASE("a record that was tampered with") {
    auto wire = client.write("bye");
    wire.back() = static_cast<char>(wire.back() ^ 1);
    CHECK(client.talk(*met.layer, met.up, wire) == status::failed);
    CHECK(met.layer->fault() == transport_fault::malformed);
    CHECK(met.up.empty());
  }
}

// -- who is no TLS client -----------------------------------------------------

TEST_CASE("what is not TLS is named and gets no answer") {
  tls_house house;
  const auto tried = [&](std::string_view bytes) {
    meeting met{house};
    mqtt::output_buffer down;
    CHECK(met.layer->receive(bytes, met.up, down) == status::failed);
    CHECK(met.layer->fault() == transport_fault::foreign);
    CHECK(down.empty());
    return std::string{met.layer->failure()};
  };
  CHECK(tried({"\x10\x0C\x00\x04MQTT", 8})
        == "the client speaks MQTT without TLS");
  CHECK(tried("GET / HTTP/1.1\r\n") == "the client speaks HTTP without TLS");
  CHECK(tried("PROXY TCP4 ") == "the client speaks a PROXY header");
  CHECK(tried("x") == "the client speaks no TLS");
}

TEST_CASE("a handshake of noise fails and is answered by an alert") {
  tls_house house;
  meeting met{house};
  mqtt::output_buffer down;
  const std::string noise = "\x16\x03\x01" + std::string{"\x00\xC8", 2}
                            + std::string(200, '\x20');
  CHECK(met.layer->receive(noise, met.up, down) == status::failed);
  CHECK(met.layer->fault() == transport_fault::malformed);
  CHECK_FALSE(down.empty());
}

// -- client certificates ------------------------------------------------------

TEST_CASE("a required certificate is asked for, verified, and says who the "
          "client is") {
  tls_house house;
  house.config.require_certificate = true;
  house.config.use_identity_as_username = true;
  tls_client client{house.client({.common_name = "jules",
                                  .alternative_names = "email:j@v.example"})};
  meeting met{house};
  CHECK(met.with(client) == status::open);
  CHECK(met.identity().common_name == "jules");
  CHECK(met.identity().alternative_name == "j@v.example");
  CHECK(met.identity().user_name == "jules");
  house.config.identity
    = net::tls_config::identity_source::alternative_name;
  tls_client again{house.client({.common_name = "jules",
                                 .alternative_names = "email:j@v.example"})};
  meeting other{house};
  CHECK(other.with(again) == status::open);
  CHECK(other.identity().user_name == "j@v.example");
}

TEST_CASE("without use_identity_as_username the certificate replaces no user "
          "name") {
  tls_house house;
  house.config.require_certificate = true;
  tls_client client{house.client({.common_name = "jules"})};
  meeting met{house};
  CHECK(met.with(client) == status::open);
  CHECK(met.identity().common_name == "jules");
  CHECK_FALSE(met.identity().user_name);
}

TEST_CASE("who has no certificate is refused where one is required, and "
          "admitted where it is only asked for") {
  tls_house house;
  house.config.use_identity_as_username = true;
  {
    tls_client client{house.client()};
    meeting met{house};
    CHECK(met.with(client) == status::open);
    CHECK_FALSE(met.identity().user_name);
  }
  house.config.require_certificate = true;
  tls_client client{house.client()};
  meeting met{house};
  CHECK(met.with(client) == status::failed);
  CHECK(met.layer->fault() == transport_fault::certificate_missing);
  CHECK(client.failure.find("certificate required") != std::string::npos);
}

TEST_CASE("a certificate that is expired, not valid yet, of somebody else or "
          "revoked is refused, and the fault says which") {
  tls_house house;
  house.config.require_certificate = true;
  const auto fault_of = [&](test::tls_wish wish) {
    tls_client client{std::move(wish)};
    meeting met{house};
    CHECK(met.with(client) == status::failed);
    CHECK_FALSE(client.failure.empty());
    CAPTURE(met.layer->failure());
    return met.layer->fault();
  };
  CHECK(fault_of(house.client({.valid_from = -7'200, .valid_to = -3'600}))
        == transport_fault::certificate_expired);
  CHECK(fault_of(house.client({.valid_from = 3'600, .valid_to = 7'200}))
        == transport_fault::certificate_expired);
  auto stranger = house.client();
  stranger.own = test::tls_authority{"nobody"}.issue();
  CHECK(fault_of(stranger) == transport_fault::certificate_untrusted);

  auto wish = house.client({.common_name = "jules"});
  house.authority.revoke(wish.own);
  house.config.crlfile = test::write_file(house.files.path("crl.pem"),
                                    house.authority.revocations());
  CHECK(fault_of(wish) == transport_fault::certificate_revoked);
  tls_client other{house.client({.common_name = "other"})};
  meeting met{house};
  CHECK(met.with(other) == status::open);
}

TEST_CASE("as many certificates as depth says may stand between a client's and "
          "the root") {
  tls_house house;
  house.config.require_certificate = true;
  auto between = house.authority.below("between");
  auto wish = house.client();
  wish.own = between.issue({.common_name = "deep"});
  house.config.cafile
    = test::write_file(house.files.path("both.pem"),
                 house.authority.certificate() + between.certificate());
  {
    tls_client client{wish};
    meeting met{house};
    CHECK(met.with(client) == status::open);
  }
  house.config.depth = 0;
  tls_client client{wish};
  meeting met{house};
  CHECK(met.with(client) == status::failed);
  CHECK(met.layer->fault() == transport_fault::certificate_untrusted);
}

// -- names, applications, ciphers ---------------------------------------------

TEST_CASE("a client that asks for a name gets the certificate for it, any "
          "other the main one") {
  tls_house house;
  house.config.named_certificates.push_back(house.write(
    "a", house.authority.issue({.common_name = "A",
                                .alternative_names = "DNS:a.example"})));
  house.config.named_certificates.push_back(house.write(
    "b", house.authority.issue({.common_name = "B",
                                .alternative_names = "DNS:*.b.example"})));
  const auto got = [&](const std::string& host) {
    auto wish = house.client();
    wish.host = host;
    tls_client client{wish};
    meeting met{house};
    CHECK(met.with(client) == status::open);
    CHECK(met.identity().server_name == host);
    return client.server_common_name();
  };
  CHECK(got("A.example") == "A");
  CHECK(got("x.b.example") == "B");
  CHECK(got("b.example") == "localhost");
  CHECK(got("x.y.b.example") == "localhost");
  CHECK(got("") == "localhost");
}

TEST_CASE("who names applications must name MQTT") {
  tls_house house;
  auto wish = house.client();
  wish.applications = {"h2", "mqtt"};
  tls_client client{wish};
  meeting met{house};
  CHECK(met.with(client) == status::open);
  CHECK(client.application() == "mqtt");
  wish.applications = {"h2"};
  tls_client other{wish};
  meeting refused{house};
  CHECK(refused.with(other) == status::failed);
  CHECK(refused.layer->fault() == transport_fault::no_common);
}

TEST_CASE("ciphers may be named as OpenSSL and as IANA do, those of 1.3 too") {
  tls_house house;
  house.config.ciphers
    = "TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256:ECDHE-ECDSA-AES256-SHA:"
      "TLS_CHACHA20_POLY1305_SHA256";
  const auto cipher_of = [&](int version, const std::string& offered) {
    auto wish = house.client();
    wish.version_max = version;
    wish.ciphers = offered;
    tls_client client{wish};
    meeting met{house};
    return met.with(client) == status::open ? met.identity().tls_cipher
                                            : std::string{"refused"};
  };
  CHECK(cipher_of(TLS1_2_VERSION, "") == "ECDHE-ECDSA-AES128-GCM-SHA256");
  CHECK(cipher_of(TLS1_2_VERSION, "ECDHE-ECDSA-AES256-SHA")
        == "ECDHE-ECDSA-AES256-SHA");
  CHECK(cipher_of(TLS1_2_VERSION, "ECDHE-ECDSA-AES256-GCM-SHA384")
        == "refused");
  CHECK(cipher_of(TLS1_3_VERSION, "") == "TLS_CHACHA20_POLY1305_SHA256");
}

// -- PSK ----------------------------------------------------------------------

TEST_CASE("a client with a key of the PSK file needs no certificate, nor does "
          "the server") {
  tls_house house;
  house.config.certificate = {};
  house.config.psk_support = true;
  house.config.pskfile
    = test::write_file(house.files.path("psk"), "jules:nautilus\nother:key\n");
  for (const int version : {TLS1_2_VERSION, TLS1_3_VERSION}) {
    test::tls_wish wish;
    wish.version_min = wish.version_max = version;
    wish.psk_identity = "jules";
    wish.psk_key = "nautilus";
    {
      tls_client client{wish};
      meeting met{house};
      CHECK(met.with(client) == status::open);
      CHECK(client.is_established());
      CHECK(met.identity().psk_identity == "jules");
      CHECK_FALSE(met.identity().user_name);
    }
    wish.psk_key = "nemo";
    tls_client wrong{wish};
    meeting met{house};
    CHECK(met.with(wrong) == status::failed);
    CHECK(met.layer->fault() == transport_fault::psk_refused);
    wish.psk_identity = "nobody";
    tls_client unknown{wish};
    meeting other{house};
    CHECK(other.with(unknown) == status::failed);
    CHECK(other.layer->fault() == transport_fault::psk_refused);
  }
}

// -- resumption ---------------------------------------------------------------

TEST_CASE("a client goes on from its earlier handshake, and is who it was") {
  tls_house house;
  house.config.use_identity_as_username = true;
  for (const int version : {TLS1_2_VERSION, TLS1_3_VERSION}) {
    auto wish = house.client({.common_name = "jules"});
    wish.version_min = wish.version_max = version;
    tls_client first{wish};
    meeting met{house};
    REQUIRE(met.with(first) == status::open);
    CHECK_FALSE(met.layer->is_resumed());
    tls_client second{wish};
    second.resume(first);
    meeting again{met.source};
    CHECK(again.with(second) == status::open);
    CHECK(again.layer->is_resumed());
    CHECK(again.identity().user_name == "jules");
  }
}

TEST_CASE("nobody goes on from a handshake when files were read anew, or with "
          "a session lifetime of zero") {
  tls_house house;
  tls_client first{house.client()};
  SUBCASE("read anew") {
    meeting met{house};
    REQUIRE(met.with(first) == status::open);
    house.write("server", house.authority.issue({.common_name = "fresh"}));
    REQUIRE(met.source->refresh());
    tls_client second{house.client()};
    second.resume(first);
    meeting again{met.source};
    CHECK(again.with(second) == status::open);
    CHECK_FALSE(again.layer->is_resumed());
    CHECK(second.server_common_name() == "fresh");
  }
  SUBCASE("zero") {
    house.config.session_lifetime = std::chrono::seconds{0};
    meeting met{house};
    REQUIRE(met.with(first) == status::open);
    tls_client second{house.client()};
    second.resume(first);
    meeting again{met.source};
    CHECK(again.with(second) == status::open);
    CHECK_FALSE(again.layer->is_resumed());
  }
}

} // namespace tls_layer_test
