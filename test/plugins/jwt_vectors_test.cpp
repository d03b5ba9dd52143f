#include "plugins/crypto/digest.hpp"
#include "plugins/jwt/jwt_key_set.hpp"
#include "plugins/jwt/jwt_token.hpp"
#include "test/support/jwt_signer.hpp"

#include <doctest/doctest.h>

#include <string>

namespace jwt_vectors_test {

/// Keys and the tokens that others have published for them.

using namespace hetzel;
using namespace hetzel::plugins;

namespace {

/// RFC 7515, A.1 to A.3.
const std::string joe
  = "eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNv"
    "bS9pc19yb290Ijp0cnVlfQ";

const std::string hs256_key
  = R"({"kty":"oct","k":"AyM1SysPpbyDfgZld3umj1qzKObwVMkoqQ-EstJQLr_T-1qS0gZH)"
    R"(75aKtMN3Yj0iPS4hcgUuTwjAzZr1Z9CAow"})";
const std::string hs256_token
  = "eyJ0eXAiOiJKV1QiLA0KICJhbGciOiJIUzI1NiJ9." + joe
    + ".dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";

const std::string rs256_key
  = R"({"kty":"RSA","e":"AQAB","n":"ofgWCuLjybRlzo0tZWJjNiuSfb4p4fAkd_wWJcyQo)"
    "Tbji9k0l8W26mPddxHmfHQp-Vaw-4qPCJrcS2mJPMEzP1Pt0Bm4d4QlL-yRT-SFd2lZS-pC"
    "gNMsD1W_YpRPEwOWvG6b32690r2jZ47soMZo9wGzjb_7OMg0LOL-bSf63kpaSHSXndS5z5"
    "rexMdbBYUsLA9e-KXBdQOS-UTo7WTBEMa2R2CapHg665xsmtdVMTBQY4uDZlxvb3qCo5Zw"
    "Kh9kG4LT6_I5IhlJH7aGhyxXFvUK-DWNmoudF8NAco9_h9iaGNj8q2ethFkMLs91kzk2PA"
    R"(cDTW9gb54h4FRWyuXpoQ"})";
const std::string rs256_token
  = "eyJhbGciOiJSUzI1NiJ9." + joe
    + ".cC4hiUPoj9Eetdgtv3hF80EGrhuB__dzERat0XF9g2VtQgr9PJbu3XOiZj5RZmh7AAuHIm"
      "4Bh-0Qc_lF5YKt_O8W2Fp5jujGbds9uJdbF9CUAr7t1dnZcAcQjbKBYNX4BAynRFdiuB-"
      "-f_nZLgrnbyTyWzO75vRK5h6xBArLIARNPvkSjtQBMHlb1L07Qe7K0GarZRmB_eSN9383"
      "LcOLn6_dO--xi12jzDwusC-eOkHWEsqtFZESc6BfI7noOPqvhJ1phCnvWh6IeYI2w9QOY"
      "EUipUTI8np6LbgGY9Fs98rqVt5AXLIhWkWywlVmtVrBp0igcN_IoypGlUPQGe77Rw";

const std::string es256_key
  = R"({"kty":"EC","crv":"P-256","x":"f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHv)"
    R"(RVEU","y":"x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0"})";
const std::string es256_token
  = "eyJhbGciOiJFUzI1NiJ9." + joe
    + ".DtEhU3ljbEg8L38VWAfUAqOyKAM6-Xx-F4GawxaepmXFCgfTjDxw5djxLa8ISlSApmWQxf"
      "KTUJqPP3-Kg6NU1Q";

/// RFC 8037, A.4.
const std::string ed_key
  = R"({"kty":"OKP","crv":"Ed25519","x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIa)"
    R"(aPcHURo"})";
const std::string ed_token
  = "eyJhbGciOiJFZERTQSJ9.RXhhbXBsZSBvZiBFZDI1NTE5IHNpZ25pbmc.hgyY0il_MGCjP0J"
    "zlnLWG1PPOt7-09PGcvMg3AIbQR6dWbhijcNR4ki4iylGjg5BhVsPt9g7sVvpAr_MuM0KAg";

std::string set_of(const std::string& keys) {
  return R"({"keys":[)" + keys + "]}";
}

jwt_key_set keys_of(const std::string& jwks) {
  auto keys = parse_jwks(jwks);
  REQUIRE_MESSAGE(keys.has_value(), keys.error().what);
  return std::move(*keys);
}

bool verifies(const std::string& key, const std::string& text) {
  const auto keys = keys_of(set_of(key));
  const auto token = parse_jwt(text);
  REQUIRE(token);
  REQUIRE(keys.keys.size() == 1);
  REQUIRE(keys.keys[0].fits(token->algorithm));
  return keys.keys[0].verify(token->algorithm, token->signed_text,
                             token->signature);
}

std::string changed(std::string text) {
  auto& byte = text[text.rfind('.') + 20];
  byte = byte == 'A' ? 'B' : 'A';
  return text;
}

text_fault fault_of(const parsed_jwt_keys& keys) {
  REQUIRE_FALSE(keys);
  return keys.error();
}

} // namespace

TEST_CASE("the tokens of RFC 7515 and RFC 8037 are verified by their keys") {
  const std::pair<std::string, std::string> vectors[] = {
    {hs256_key, hs256_token},
    {rs256_key, rs256_token},
    {es256_key, es256_token},
    {ed_key, ed_token},
  };
  for (const auto& [key, token] : vectors) {
    CAPTURE(token);
    CHECK(verifies(key, token));
    CHECK_FALSE(verifies(key, changed(token)));
  }
}

TEST_CASE("the claims of RFC 7515's token are read") {
  const auto token = parse_jwt(hs256_token);
  REQUIRE(token);
  const auto claims = parse_jwt_claims(token->payload, "acl");
  REQUIRE(claims);
  CHECK(claims->expires == 1'300'819'380);
  CHECK(claims->texts.at("iss") == "joe");
  CHECK(claims->texts.size() == 1);
}

TEST_CASE("keys for something else are left out with a warning") {
  const auto keys = keys_of(set_of(
    R"({"kty":"XX"},{"kty":"EC","crv":"secp256k1","x":"AA","y":"AA"},)"
    R"({"kty":"oct","k":"AA","use":"enc"},)"
    R"({"kty":"oct","k":"AA","key_ops":["sign"]},)"
    R"({"kty":"RSA","alg":"RSA-OAEP","n":"AA","e":"AQAB"},)"
    + ed_key));
  CHECK(keys.keys.size() == 1);
  CHECK(keys.warnings.size() == 5);
}

TEST_CASE("kid, alg, use and key_ops are taken from a JWK") {
  auto with = ed_key;
  with.insert(1, R"("kid":"7","alg":"EdDSA","use":"sig",)"
                 R"("key_ops":["verify"],)");
  const auto keys = keys_of(set_of(with));
  REQUIRE(keys.keys.size() == 1);
  CHECK(keys.keys[0].id == "7");
  CHECK(keys.keys[0].only_for == jwt_algorithm::eddsa);
}

TEST_CASE("a broken key makes the set useless and is named without its value") {
  for (const std::string key :
       {R"("a")", R"({"kty":"oct","k":"c2hvcnQ"})", R"({"kty":"oct"})",
        R"({"kty":"RSA","n":"AQAB","e":"AQAB"})", R"({"kty":"RSA","n":"AQAB"})",
        R"({"kty":"EC","crv":"P-256","x":"AA","y":"AA"})",
        R"({"kty":"EC","crv":"P-256",)"
        R"("x":"AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA",)"
        R"("y":"AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"})",
        R"({"kty":"OKP","crv":"Ed25519","x":"AAAA"})"}) {
    CAPTURE(key);
    const auto fault = fault_of(parse_jwks(set_of(ed_key + "," + key)));
    CHECK(fault.what.starts_with("key 2: "));
    CHECK(fault.what.find("c2hvcnQ") == std::string::npos);
  }
}

TEST_CASE("what is no JWK Set is found by its line") {
  CHECK(fault_of(parse_jwks("")).what == "no JSON");
  CHECK(fault_of(parse_jwks("{\n\"keys\": [\n}")) == text_fault{3, "no JSON"});
  for (auto text : {"[]", "{}", R"({"keys":{}})"})
    CHECK(fault_of(parse_jwks(text)).what.starts_with("no JWK Set"));
}

TEST_CASE("a PEM file holds one or more public keys") {
  const test::jwt_signer one{jwt_algorithm::es256};
  const test::jwt_signer two{jwt_algorithm::rs256};
  const auto keys = parse_jwt_pem("# ours\n" + one.pem() + "\n" + two.pem());
  REQUIRE(keys);
  REQUIRE(keys->keys.size() == 2);
  CHECK(keys->keys[0].kind() == jwt_key_kind::p256);
  CHECK(keys->keys[1].kind() == jwt_key_kind::rsa);
}

TEST_CASE("a PEM file with anything else is useless") {
  const auto good = test::jwt_signer{jwt_algorithm::es256}.pem();
  CHECK(fault_of(parse_jwt_pem("")).line == 1);
  CHECK(fault_of(parse_jwt_pem("secret\n")).line == 1);
  CHECK_FALSE(parse_jwt_pem(good + "-----BEGIN PUBLIC KEY-----\nAAAA\n"
                                   "-----END PUBLIC KEY-----\n"));
  CHECK_FALSE(parse_jwt_pem(good + good.substr(0, good.size() / 2)));
  const auto secret = fault_of(parse_jwt_pem(
    good + "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n"));
  CHECK(secret.what.starts_with("a private key"));
  CHECK(secret.line == 5);
}

TEST_CASE("a secret file is the secret, without the end of its line") {
  const std::string secret(32, 's');
  for (const auto& text : {secret, secret + "\n", secret + "\r\n",
                           "base64:" + std::string{"c3Nzc3Nzc3Nzc3Nzc3Nzc3Nz"
                                                   "c3Nzc3Nzc3Nzc3Nzc3M="}}) {
    CAPTURE(text);
    const auto keys = parse_jwt_secret(text);
    REQUIRE(keys);
    CHECK(keys->keys[0].verify(
      jwt_algorithm::hs256, "text",
      hmac_of(digest::sha256, secret, "text")));
    // RFC 7518, 3.2: a key is as long as the hash.
    CHECK_FALSE(keys->keys[0].fits(jwt_algorithm::hs384));
  }
  CHECK_FALSE(parse_jwt_secret(""));
  CHECK_FALSE(parse_jwt_secret("too short\n"));
  CHECK_FALSE(parse_jwt_secret("base64:?"));
}

} // namespace jwt_vectors_test
