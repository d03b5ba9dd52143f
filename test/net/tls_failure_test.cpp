#include "actors/net/tls/tls_failure.hpp"

#include <doctest/doctest.h>

#include <string>

#include <openssl/err.h>
#include <openssl/sslerr.h>

namespace tls_failure_test {

using namespace hetzel::net;

namespace {

tls_failure after(int library, int reason) {
  ERR_clear_error();
  ERR_raise(library, reason);
  return take_tls_failure(nullptr);
}

} // namespace

TEST_CASE("an alert of the peer is its refusal") {
  const auto failure
    = after(ERR_LIB_SSL, SSL_R_TLSV1_ALERT_UNKNOWN_CA);
  CHECK(failure.fault == transport_fault::peer_refused);
  CHECK(failure.why.find("unknown ca") != std::string::npos);
}

TEST_CASE("reasons of OpenSSL fall into our few faults") {
  CHECK(after(ERR_LIB_SSL, SSL_R_NO_SHARED_CIPHER).fault
        == transport_fault::no_common);
  CHECK(after(ERR_LIB_SSL, SSL_R_BINDER_DOES_NOT_VERIFY).fault
        == transport_fault::psk_refused);
  CHECK(after(ERR_LIB_SSL, SSL_R_BAD_RECORD_TYPE).fault
        == transport_fault::malformed);
  CHECK(after(ERR_LIB_ASN1, 100).fault == transport_fault::malformed);
}

TEST_CASE("what was said is forgotten by then") {
  static_cast<void>(after(ERR_LIB_SSL, SSL_R_NO_SHARED_CIPHER));
  CHECK(ERR_peek_error() == 0);
}

} // namespace tls_failure_test
