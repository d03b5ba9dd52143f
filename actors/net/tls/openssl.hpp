#pragma once

#include <memory>
#include <string>

#include <openssl/bio.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>

/// OpenSSL's types with owners, and its errors as text.

namespace hetzel::net {

struct openssl_delete {
  void operator()(SSL_CTX* of) const noexcept { SSL_CTX_free(of); }
  void operator()(SSL* of) const noexcept { SSL_free(of); }
  void operator()(BIO* of) const noexcept { BIO_free_all(of); }
  void operator()(X509* of) const noexcept { X509_free(of); }
  void operator()(GENERAL_NAMES* of) const noexcept {
    GENERAL_NAMES_free(of);
  }
};

template <class T>
using openssl_ptr = std::unique_ptr<T, openssl_delete>;

/// What OpenSSL said first since this thread's errors were cleared, which they
/// are then: "no shared cipher".
[[nodiscard]] std::string take_openssl_error();

} // namespace hetzel::net
