#include "plugins/crypto/digest.hpp"

#include "test/support/hex.hpp"

#include <doctest/doctest.h>

namespace digest_test {

using namespace hetzel;
using namespace hetzel::plugins;
using test::hex;

TEST_CASE("SHA-2 of \"abc\" is that of FIPS 180-4") {
  CHECK(hash_of(digest::sha256, "abc")
        == hex("ba7816bf 8f01cfea 414140de 5dae2223 b00361a3 96177a9c "
               "b410ff61 f20015ad"));
  CHECK(hash_of(digest::sha512, "abc")
        == hex("ddaf35a193617aba cc417349ae204131 12e6fa4e89a97ea2 "
               "0a9eeee64b55d39a 2192992a274fc1a8 36ba3c23a3feebbd "
               "454d4423643ce80e 2a9ac94fa54ca49f"));
  CHECK(digest_size(digest::sha384) == 48);
}

TEST_CASE("HMAC agrees with RFC 4231, case 2") {
  CHECK(hmac_of(digest::sha256, "Jefe", "what do ya want for nothing?")
        == hex("5bdcc146bf60754e6a042426089575c7 "
               "5a003f089d2739839dec58b964ec3843"));
  CHECK(hmac_of(digest::sha384, "Jefe", "what do ya want for nothing?")
        == hex("af45d2e376484031617f78d2b58a6b1b 9c7ef464f5a01b47 "
               "e42ec3736322445e 8e2240ca5e69e2c7 8b3239ecfab21649"));
}

TEST_CASE("an empty key and an empty text have a MAC too") {
  CHECK(hmac_of(digest::sha256, "", "")
        == hex("b613679a0814d9ec772f95d778c35fc5 "
               "ff1697c493715653c6c712144292c5ad"));
}

TEST_CASE("PBKDF2-HMAC-SHA-256 agrees with RFC 7914, 11") {
  CHECK(pbkdf2_of(digest::sha256, "passwd", {"salt", 1}, 64)
        == hex("55ac046e56e3089fec1691c22544b605 "
               "f94185216dde0465e68b9d57c20dacbc"
               "49ca9cccf179b645991664b39d77ef31 "
               "7c71b845b1e30bd509112041d3a19783"));
  CHECK(pbkdf2_of(digest::sha256, "Password", {"NaCl", 80'000}, 64)
        == hex("4ddcd8f60b98be21830cee5ef22701f9 "
               "641a4418d04c0414aeff08876b34ab56"
               "a1d425a1225833549adb841b51c9b317 "
               "6a272bdebba1d078478f62b397f33c8d"));
}

TEST_CASE("scrypt agrees with RFC 7914, 12") {
  CHECK(scrypt_of("", "", {4, 1, 1}, 64)
        == hex("77d6576238657b203b19ca42c18a0497 "
               "f16b4844e3074ae8dfdffa3fede21442"
               "fcd0069ded0948f8326a753a0fc81f17 "
               "e8d3e0fb2e0d3628cf35e20c38d18906"));
  CHECK(scrypt_of("password", "NaCl", {10, 8, 16}, 64)
        == hex("fdbabe1c9d3472007856e7190d01e9fe "
               "7c6ad7cbc8237830e77376634b373162"
               "2eaf30d92e22a3886ff109279d9830da "
               "c727afb94a83ee6d8360cbdfa2cc0640"));
  CHECK(scrypt_of("pleaseletmein", "SodiumChloride", {14, 8, 1}, 64)
        == hex("7023bdcb3afd7348461c06cd81fd38eb "
               "fda8fbba904f8e3ea9b543f6545da1f2"
               "d5432955613f0fcf62d49705242a9af9 "
               "e61e85dc0d651e40dfcf017b45575887"));
}

TEST_CASE("a cost that nobody could bear is known as such") {
  CHECK(is_bearable({}));
  CHECK(is_bearable({14, 8, 5}));
  CHECK(is_bearable({17, 8, 1}));
  CHECK_FALSE(is_bearable({20, 8, 1}));
  CHECK_FALSE(is_bearable({63, 8, 1}));
  CHECK_FALSE(is_bearable({0, 8, 1}));
  CHECK_FALSE(is_bearable({15, 0, 1}));
  CHECK_FALSE(is_bearable({15, 8, 0}));
  CHECK_FALSE(is_bearable({17, 8, 16}));
}

TEST_CASE("bytes are compared whole, whatever is in them") {
  using namespace std::string_view_literals;
  CHECK(equal_in_constant_time("", ""));
  CHECK(equal_in_constant_time("a\0b"sv, "a\0b"sv));
  CHECK_FALSE(equal_in_constant_time("a\0b"sv, "a\0c"sv));
  CHECK_FALSE(equal_in_constant_time("ab", "abc"));
}

TEST_CASE("random bytes differ, and a wiped secret is empty") {
  auto first = random_bytes(16);
  CHECK(first.size() == 16);
  CHECK(first != random_bytes(16));
  wipe(first);
  CHECK(first.empty());
}

} // namespace digest_test
