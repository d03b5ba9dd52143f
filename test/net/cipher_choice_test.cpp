#include "actors/net/tls/cipher_choice.hpp"

#include "actors/net/tls/openssl.hpp"

#include <doctest/doctest.h>

#include <string>

namespace cipher_choice_test {

using hetzel::net::choose_ciphers;

TEST_CASE("names of OpenSSL and of IANA are understood, and sorted by "
          "version") {
  const auto chosen
    = choose_ciphers("ECDHE-RSA-AES256-GCM-SHA384:TLS_AES_128_GCM_SHA256:"
                     "TLS_RSA_WITH_AES_128_CBC_SHA:TLS_AES_256_GCM_SHA384");
  CHECK(chosen.up_to_v1_2 == "ECDHE-RSA-AES256-GCM-SHA384:AES128-SHA");
  CHECK(chosen.v1_3 == "TLS_AES_128_GCM_SHA256:TLS_AES_256_GCM_SHA384");
  CHECK(chosen.unknown.empty());
}

TEST_CASE("operators and groups of OpenSSL are kept") {
  CHECK(choose_ciphers("HIGH:!aNULL:@SECLEVEL=1").up_to_v1_2
        == "HIGH:!aNULL:@SECLEVEL=1");
}

TEST_CASE("what OpenSSL does not have is left out and named") {
  const auto chosen
    = choose_ciphers("DHE-DSS-AES256-GCM-SHA384-X:AES256-SHA:TLS_NO_SUCH");
  CHECK(chosen.up_to_v1_2 == "AES256-SHA");
  CHECK(chosen.unknown
        == std::vector<std::string>{"DHE-DSS-AES256-GCM-SHA384-X",
                                    "TLS_NO_SUCH"});
}

TEST_CASE("nothing chosen is nothing") {
  const auto chosen = choose_ciphers("");
  CHECK(chosen.up_to_v1_2.empty());
  CHECK(chosen.v1_3.empty());
}

TEST_CASE("what is offered by default is there") {
  hetzel::net::openssl_ptr<SSL_CTX> context{SSL_CTX_new(TLS_method())};
  for (const auto list :
       {hetzel::net::default_ciphers(), hetzel::net::psk_ciphers()})
    CHECK(SSL_CTX_set_cipher_list(context.get(), std::string{list}.c_str())
          == 1);
}

} // namespace cipher_choice_test
