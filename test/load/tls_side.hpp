#pragma once

#include "actors/net/tls/openssl.hpp"
#include "actors/net/transport_layer.hpp"

#include <mutex>

namespace hetzel::test::load {

/// What all clients of a run need for TLS. They trust whomever they meet: it is
/// the cost that is measured. From any thread.
class tls_side {
public:
  /// `resumes`: each connection goes on from the last handshake there was.
  explicit tls_side(bool resumes);
  ~tls_side();
  tls_side(const tls_side&) = delete;
  tls_side& operator=(const tls_side&) = delete;

  [[nodiscard]] net::layered_ptr make();

private:
  static int on_session(SSL* ssl, SSL_SESSION* session);

  net::openssl_ptr<SSL_CTX> context_;
  std::mutex mutex_;
  SSL_SESSION* last_ = nullptr;
};

} // namespace hetzel::test::load
