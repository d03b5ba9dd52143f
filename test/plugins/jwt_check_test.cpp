#include "plugins/jwt/jwt_check.hpp"

#include "plugins/crypto/base64.hpp"
#include "plugins/crypto/digest.hpp"
#include "test/support/jwt_signer.hpp"

#include <doctest/doctest.h>

#include <string>

namespace jwt_check_test {

using namespace hetzel;
using namespace hetzel::plugins;
using test::jwt_signer;
using test::jwt_text;

namespace {

constexpr std::int64_t now_seconds = 1'800'000'000;

std::chrono::system_clock::time_point at(std::int64_t seconds) {
  return std::chrono::system_clock::time_point{std::chrono::seconds{seconds}};
}

const jwt_signer& issuer() {
  static const jwt_signer one{jwt_algorithm::hs256};
  return one;
}

std::string payload(const std::string& more = {}) {
  return R"({"exp":1800000100,"sub":"ann")" + more + "}";
}

/// A server with the keys of some issuers.
struct fixture {
  explicit fixture(jwt_options options = {}) {
    rules.options = std::move(options);
    rules.keys.keys.push_back(issuer().key());
  }

  [[nodiscard]] mqtt::expected<jwt_grant, jwt_fault>
  check(const std::string& token) const {
    return check_jwt(token, bearer, rules, at(now_seconds));
  }

  /// Nullopt: accepted.
  [[nodiscard]] std::optional<jwt_fault>
  fault(const std::string& token) const {
    const auto result = check(token);
    return result ? std::nullopt : std::optional{result.error()};
  }
  [[nodiscard]] std::optional<jwt_fault>
  fault_of_payload(const std::string& text) const {
    return fault(issuer().token(text));
  }

  jwt_bearer bearer{"client", "ann"};
  jwt_rules rules;
};

} // namespace

TEST_CASE("a token gives its user and its expiry") {
  const auto grant = fixture{}.check(issuer().token(payload()));
  REQUIRE(grant);
  CHECK(grant->user_name == "ann");
  CHECK(grant->expires == at(1'800'000'100));
  CHECK(grant->acl == nullptr);
}

TEST_CASE("every algorithm verifies its own signatures and no changed ones") {
  for (int i = 0; i <= static_cast<int>(jwt_algorithm::eddsa); ++i) {
    const jwt_signer signer{static_cast<jwt_algorithm>(i)};
    CAPTURE(signer.name());
    fixture server;
    server.rules.keys.keys = {signer.key()};
    const auto token = signer.token(payload());
    CHECK_FALSE(server.fault(token));
    const auto dot = token.rfind('.');
    CHECK(server.fault(signer.token(payload()).substr(0, token.find('.')) + "."
                       + encode_base64(payload(R"(,"x":1)"), base64_form::url)
                       + token.substr(dot))
          == jwt_fault::bad_signature);
    CHECK(server.fault(token.substr(0, dot + 1)) == jwt_fault::bad_signature);
    const jwt_signer other{static_cast<jwt_algorithm>(i)};
    CHECK(server.fault(other.token(payload())) == jwt_fault::bad_signature);
  }
}

TEST_CASE("a token without signature is refused, however it says so") {
  for (auto name : {"none", "None", "NONE", "nOnE", "", "HS1", "hs256"}) {
    CAPTURE(name);
    const auto text
      = jwt_text(R"({"alg":")" + std::string{name} + "\"}", payload());
    CHECK(fixture{}.fault(text + ".") == jwt_fault::algorithm_refused);
    CHECK(fixture{}.fault(text + ".AAAA") == jwt_fault::algorithm_refused);
  }
}

TEST_CASE("a public key is never taken for a secret") {
  const jwt_signer rsa{jwt_algorithm::rs256};
  fixture server;
  server.rules.keys.keys = {rsa.key()};
  const auto text = jwt_text(R"({"alg":"HS256"})", payload());
  const auto forged
    = text + "."
      + encode_base64(hmac_of(digest::sha256, rsa.pem(), text),
                      base64_form::url);
  CHECK(server.fault(forged) == jwt_fault::no_key);
}

TEST_CASE("a key of another curve or family does not fit") {
  const jwt_signer p256{jwt_algorithm::es256};
  fixture server;
  server.rules.keys.keys = {jwt_signer{jwt_algorithm::es384}.key(),
                            jwt_signer{jwt_algorithm::eddsa}.key(),
                            jwt_signer{jwt_algorithm::rs256}.key()};
  CHECK(server.fault(p256.token(payload())) == jwt_fault::no_key);
}

TEST_CASE("a key that is bound to an algorithm verifies no other") {
  const jwt_signer signer{jwt_algorithm::ps256};
  fixture server;
  server.rules.keys.keys = {signer.key()};
  server.rules.keys.keys[0].only_for = jwt_algorithm::rs256;
  CHECK(server.fault(signer.token(payload())) == jwt_fault::no_key);
}

TEST_CASE("only configured algorithms are accepted") {
  const fixture server{{.algorithms = {jwt_algorithm::es256}}};
  CHECK(server.fault(issuer().token(payload()))
        == jwt_fault::algorithm_refused);
}

TEST_CASE("the key id chooses the key; keys without one are for all") {
  const jwt_signer one{jwt_algorithm::hs256};
  const jwt_signer two{jwt_algorithm::hs256};
  fixture server;
  server.rules.keys.keys = {one.key(), two.key()};
  server.rules.keys.keys[0].id = "1";
  server.rules.keys.keys[1].id = "2";
  CHECK_FALSE(server.fault(two.token(payload(), R"(,"kid":"2")")));
  CHECK(server.fault(two.token(payload(), R"(,"kid":"1")"))
        == jwt_fault::bad_signature);
  CHECK(server.fault(two.token(payload(), R"(,"kid":"3")"))
        == jwt_fault::no_key);
  CHECK_FALSE(server.fault(two.token(payload())));
  CHECK_FALSE(fixture{}.fault(issuer().token(payload(), R"(,"kid":"9")")));
}

TEST_CASE("a token does not make the server try many keys") {
  fixture server;
  server.rules.keys.keys.clear();
  for (std::size_t i = 0; i < jwt_candidates_max; ++i)
    server.rules.keys.keys.push_back(jwt_signer{jwt_algorithm::hs256}.key());
  server.rules.keys.keys.push_back(issuer().key());
  CHECK(server.fault(issuer().token(payload())) == jwt_fault::bad_signature);
}

TEST_CASE("times are kept to within the leeway") {
  const fixture server{{.leeway = std::chrono::seconds{30}}};
  const auto fault = [&](const std::string& claims) {
    return server.fault_of_payload(R"({"sub":"ann",)" + claims + "}");
  };
  CHECK_FALSE(fault(R"("exp":1799999971)"));
  CHECK(fault(R"("exp":1799999970)") == jwt_fault::expired);
  CHECK(fault(R"("exp":0)") == jwt_fault::expired);
  CHECK(fault(R"("exp":-1e14)") == jwt_fault::expired);
  CHECK_FALSE(fault(R"("exp":1800000000.5)"));
  CHECK_FALSE(fault(R"("exp":1e14)"));
  CHECK_FALSE(fault(R"("exp":1800000100,"nbf":1800000030)"));
  CHECK(fault(R"("exp":1800000100,"nbf":1800000031)")
        == jwt_fault::not_yet_valid);
  CHECK(fault(R"("exp":1800000100,"iat":1800000031)")
        == jwt_fault::not_yet_valid);
  CHECK(fault(R"("iat":1)") == jwt_fault::no_expiry);
  CHECK(fault(R"("exp":"tomorrow")") == jwt_fault::malformed);
  CHECK(fault(R"("exp":1e300)") == jwt_fault::malformed);
  CHECK(fault(R"("exp":null)") == jwt_fault::malformed);
}

TEST_CASE("a token may never expire only where that is allowed") {
  const fixture server{{.expiry_required = false}};
  const auto grant = server.check(issuer().token(R"({"sub":"ann"})"));
  REQUIRE(grant);
  CHECK_FALSE(grant->expires);
}

TEST_CASE("issuer and audience must be the configured ones") {
  const fixture server{{.issuer = "us", .audience = "mqtt"}};
  const auto fault = [&](const std::string& more) {
    return server.fault_of_payload(payload(more));
  };
  CHECK_FALSE(fault(R"(,"iss":"us","aud":"mqtt")"));
  CHECK_FALSE(fault(R"(,"iss":"us","aud":["web","mqtt"])"));
  CHECK(fault(R"(,"iss":"them","aud":"mqtt")") == jwt_fault::wrong_issuer);
  CHECK(fault(R"(,"aud":"mqtt")") == jwt_fault::wrong_issuer);
  CHECK(fault(R"(,"iss":"us")") == jwt_fault::wrong_audience);
  CHECK(fault(R"(,"iss":"us","aud":["web"])") == jwt_fault::wrong_audience);
  CHECK(fault(R"(,"iss":"us","aud":[1])") == jwt_fault::malformed);
}

TEST_CASE("user and client id can be bound to claims") {
  fixture server{{.must_match_user = true, .client_id_claim = "cid"}};
  const auto token = issuer().token(payload(R"(,"cid":"client")"));
  CHECK_FALSE(server.fault(token));
  CHECK(server.fault(issuer().token(payload()))
        == jwt_fault::wrong_client_id);
  server.bearer.client_id = "other";
  CHECK(server.fault(token) == jwt_fault::wrong_client_id);
  server.bearer = {"client", "bob"};
  CHECK(server.fault(token) == jwt_fault::wrong_user);
  server.bearer = {"client", std::nullopt};
  CHECK(server.fault(token) == jwt_fault::wrong_user);
}

TEST_CASE("a token without user lets nobody choose one") {
  const auto token = issuer().token(R"({"exp":1800000100})");
  CHECK(fixture{}.fault(token) == jwt_fault::no_user);
  const auto grant = fixture{{.user_claim = ""}}.check(token);
  REQUIRE(grant);
  CHECK_FALSE(grant->user_name);
}

TEST_CASE("the ACL claim says what the bearer may do") {
  const auto grant = fixture{}.check(issuer().token(payload(
    R"(,"acl":{"publish":["up/%c/#"],"sub":["down/%u"],"all":["chat/+"]})")));
  REQUIRE(grant);
  REQUIRE(grant->acl);
  const acl_client who{"", "client", "ann"};
  CHECK(grant->acl->may_publish(who, "up/client/x") == acl_verdict::allow);
  CHECK(grant->acl->may_publish(who, "up/other/x") == acl_verdict::next);
  CHECK(grant->acl->may_subscribe(who, "down/ann") == acl_verdict::allow);
  CHECK(grant->acl->may_publish(who, "down/ann") == acl_verdict::next);
  CHECK(grant->acl->may_subscribe(who, "chat/a") == acl_verdict::allow);
  CHECK(grant->acl->may_publish(who, "chat/a") == acl_verdict::allow);
}

TEST_CASE("an ACL claim that cannot be understood is not left out") {
  for (const std::string acl :
       {"1", R"("all")", "[]", R"({"publish":"a"})", R"({"publish":[1]})",
        R"({"publish":["a/#/b"]})", R"({"deny":["a"]})", "null"}) {
    CAPTURE(acl);
    CHECK(fixture{}.fault_of_payload(payload(R"(,"acl":)" + acl))
          == jwt_fault::malformed);
  }
}

TEST_CASE("what is no token is malformed") {
  const auto good = issuer().token(payload());
  const auto rest = good.substr(good.find('.'));
  for (const std::string& token :
       {std::string{}, std::string{"secret"}, std::string{".."},
        std::string{"a.b.c"}, good + ".", good + "=", good + " ", "." + good,
        "e30" + rest, encode_base64("[]", base64_form::url) + rest,
        encode_base64(R"({"alg":7})", base64_form::url) + rest,
        encode_base64(R"({"alg":"HS256","kid":1})", base64_form::url) + rest,
        encode_base64(R"({"alg":"HS256","crit":["x"]})", base64_form::url)
          + rest,
        std::string(jwt_size_max + 1, 'a')}) {
    CAPTURE(token);
    CHECK(fixture{}.fault(token) == jwt_fault::malformed);
  }
  for (const std::string text : {"", "7", "[]", "{", R"({"sub":"\xff"})"})
    CHECK(fixture{}.fault_of_payload(text) == jwt_fault::malformed);
}

TEST_CASE("a token cannot dig a deep hole") {
  const auto deep = std::string(5'000, '[');
  CHECK(fixture{}.fault_of_payload(deep) == jwt_fault::malformed);
  CHECK(fixture{}.fault(encode_base64(deep, base64_form::url) + ".e30.")
        == jwt_fault::malformed);
}

} // namespace jwt_check_test
