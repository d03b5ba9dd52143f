#include "actors/net/tls/tls_failure.hpp"

#include <array>

#include <openssl/err.h>
#include <openssl/sslerr.h>

namespace hetzel::net {

namespace {

struct reason_row {
  int reason;
  transport_fault fault;
};

constexpr std::array reasons{
  reason_row{SSL_R_PEER_DID_NOT_RETURN_A_CERTIFICATE,
             transport_fault::certificate_missing},
  reason_row{SSL_R_NO_SHARED_CIPHER, transport_fault::no_common},
  reason_row{SSL_R_UNSUPPORTED_PROTOCOL, transport_fault::no_common},
  reason_row{SSL_R_NO_PROTOCOLS_AVAILABLE, transport_fault::no_common},
  reason_row{SSL_R_VERSION_TOO_LOW, transport_fault::no_common},
  reason_row{SSL_R_NO_APPLICATION_PROTOCOL, transport_fault::no_common},
  reason_row{SSL_R_NO_SUITABLE_KEY_SHARE, transport_fault::no_common},
  reason_row{SSL_R_NO_SUITABLE_GROUPS, transport_fault::no_common},
  reason_row{SSL_R_NO_SHARED_GROUPS, transport_fault::no_common},
  reason_row{SSL_R_NO_SUITABLE_SIGNATURE_ALGORITHM, transport_fault::no_common},
  reason_row{SSL_R_NO_SHARED_SIGNATURE_ALGORITHMS, transport_fault::no_common},
  reason_row{SSL_R_INAPPROPRIATE_FALLBACK, transport_fault::no_common},
  reason_row{SSL_R_PSK_IDENTITY_NOT_FOUND, transport_fault::psk_refused},
  reason_row{SSL_R_BINDER_DOES_NOT_VERIFY, transport_fault::psk_refused},
  reason_row{SSL_R_HTTP_REQUEST, transport_fault::foreign},
  reason_row{SSL_R_HTTPS_PROXY_REQUEST, transport_fault::foreign},
};

transport_fault fault_of_certificate(long verdict) noexcept {
  switch (verdict) {
    case X509_V_ERR_CERT_HAS_EXPIRED:
    case X509_V_ERR_CERT_NOT_YET_VALID:
      return transport_fault::certificate_expired;
    case X509_V_ERR_CERT_REVOKED:
      return transport_fault::certificate_revoked;
    default:
      return transport_fault::certificate_untrusted;
  }
}

transport_fault fault_of_reason(int reason) noexcept {
  // An alert of the peer's.
  if (reason >= SSL_AD_REASON_OFFSET)
    return transport_fault::peer_refused;
  for (const auto& row : reasons)
    if (row.reason == reason)
      return row.fault;
  return transport_fault::malformed;
}

} // namespace

tls_failure take_tls_failure(const SSL* ssl) {
  const auto code = ERR_peek_error();
  const int reason = ERR_GET_REASON(code);
  tls_failure result;
  result.why = take_openssl_error();
  if (ERR_GET_LIB(code) != ERR_LIB_SSL) {
    result.fault = transport_fault::malformed;
  } else if (reason == SSL_R_CERTIFICATE_VERIFY_FAILED) {
    const auto verdict = SSL_get_verify_result(ssl);
    result.fault = fault_of_certificate(verdict);
    result.why += ": ";
    result.why += X509_verify_cert_error_string(verdict);
  } else {
    result.fault = fault_of_reason(reason);
  }
  return result;
}

const char* name_of_foreign(mqtt::bytes_view begin) noexcept {
  if (begin.starts_with('\x10'))
    return "MQTT without TLS";
  for (const auto* const word : {"GET ", "POST ", "HEAD ", "PUT ", "OPTIONS "})
    if (begin.starts_with(word))
      return "HTTP without TLS";
  if (begin.starts_with("PROXY ") || begin.starts_with("\r\n\r\n"))
    return "a PROXY header";
  return "no TLS";
}

} // namespace hetzel::net
