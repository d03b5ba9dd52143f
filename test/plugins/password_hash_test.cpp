#include "plugins/passwd/password_hash.hpp"

#include <doctest/doctest.h>

#include <string>

namespace password_hash_test {

using namespace hetzel;
using namespace hetzel::plugins;

namespace {

/// Made by mosquitto_passwd 2.0.11, of "secret".
constexpr auto mosquitto_6
  = "$6$0L3hq56eXC4qPIIt$2cL53SL9FMCT2pxsU0yWqkvrgM10/5A8PmZYLWDnFBI1EXTGCkUKv"
    "PHePbP8MMT45DSTO6N98jUzZrb3dLJkVw==";
constexpr auto mosquitto_7
  = "$7$101$ASFLmF+SfG3+mXyQ$4kwEdvXWEv2L7WcHE7RDxe+BvFi2015drMF+PB0D7Pe2XU9l5x"
    "dv0MrZXvtZ7WZmh4sHe7AEAb+dyP4RVISovg==";
/// Made by Python's hashlib, of "secret" with a salt of "0123456789ab".
constexpr auto python_scrypt
  = "$scrypt$ln=4,r=8,p=1$MDEyMzQ1Njc4OWFi$ZZMeM6xM2AzebfbigTNaLQXQRdUVdFVuVWV"
    "wRBoaF2A";

password_hash parsed(mqtt::bytes_view text) {
  auto hash = parse_password_hash(text);
  REQUIRE_MESSAGE(hash.has_value(), text);
  return *hash;
}

} // namespace

TEST_CASE("hashes of other tools are verified, and only by their password") {
  for (auto text : {mosquitto_6, mosquitto_7, python_scrypt}) {
    CAPTURE(text);
    const auto hash = parsed(text);
    CHECK(verify_password(hash, "secret"));
    CHECK_FALSE(verify_password(hash, "Secret"));
    CHECK_FALSE(verify_password(hash, "secret "));
    CHECK_FALSE(verify_password(hash, ""));
  }
}

TEST_CASE("a hash is written as it was read") {
  for (auto text : {mosquitto_6, mosquitto_7, python_scrypt})
    CHECK(format_password_hash(parsed(text)) == text);
}

TEST_CASE("a new hash has its own salt and verifies its password") {
  for (auto scheme : {password_scheme::sha512, password_scheme::pbkdf2,
                      password_scheme::scrypt}) {
    const auto text = format_password_hash(hash_password(scheme, "a\tb"));
    CAPTURE(text);
    const auto hash = parsed(text);
    CHECK(verify_password(hash, "a\tb"));
    CHECK_FALSE(verify_password(hash, "a b"));
  }
  CHECK(format_password_hash(hash_password(password_scheme::sha512, "x"))
        != format_password_hash(hash_password(password_scheme::sha512, "x")));
}

TEST_CASE("only one round of SHA-512 is quick enough to be verified in place") {
  CHECK_FALSE(is_slow(parsed(mosquitto_6)));
  CHECK(is_slow(parsed(mosquitto_7)));
  CHECK(is_slow(parsed(python_scrypt)));
}

TEST_CASE("what is no hash is refused without being cited") {
  const std::string salt = "MDEyMzQ1Njc4OWFi";
  const std::string hash
    = "4kwEdvXWEv2L7WcHE7RDxe+BvFi2015drMF+PB0D7Pe2XU9l5xdv0MrZXvtZ7WZmh4sHe7A"
      "EAb+dyP4RVISovg==";
  for (const auto& text : {
         std::string{},
         std::string{"secret"},
         std::string{"$5$"} + salt + "$" + hash,
         std::string{"$6$"},
         "$6$" + salt,
         "$6$" + salt + "$",
         "$6$" + salt + "$" + salt,
         "$6$" + salt + "$" + hash + "$",
         "$6$?$" + hash,
         "$7$" + salt + "$" + hash,
         "$7$0$" + salt + "$" + hash,
         "$7$-1$" + salt + "$" + hash,
         "$7$10000001$" + salt + "$" + hash,
         "$7$101$" + salt,
         "$scrypt$ln=4,r=8$" + salt + "$" + salt,
         "$scrypt$ln=25,r=8,p=1$" + salt + "$ZZMeM6xM2AzebfbigTNaLQ",
         "$scrypt$ln=4,r=8,p=99$" + salt + "$ZZMeM6xM2AzebfbigTNaLQ",
         "$scrypt$ln=4,p=1,r=8$" + salt + "$ZZMeM6xM2AzebfbigTNaLQ",
         "$scrypt$ln=4,r=8,p=1$" + salt + "$ZZMeM6xM2A",
         "$scrypt$ln=4294967300,r=8,p=1$" + salt + "$ZZMeM6xM2AzebfbigTNaLQ",
       }) {
    CAPTURE(text);
    const auto found = parse_password_hash(text);
    REQUIRE_FALSE(found);
    CHECK(found.error().find("secret") == std::string::npos);
    CHECK(found.error().find(salt) == std::string::npos);
  }
}

} // namespace password_hash_test
