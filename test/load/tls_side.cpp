#include "test/load/tls_side.hpp"

#include "actors/net/tls/tls_layer.hpp"

#include <memory>
#include <utility>

namespace hetzel::test::load {

tls_side::tls_side(bool resumes) : context_(SSL_CTX_new(TLS_client_method())) {
  auto* const context = context_.get();
  SSL_CTX_set_mode(context, SSL_MODE_RELEASE_BUFFERS);
  if (!resumes)
    return;
  SSL_CTX_set_app_data(context, this);
  SSL_CTX_set_session_cache_mode(context, SSL_SESS_CACHE_CLIENT
                                            | SSL_SESS_CACHE_NO_INTERNAL_STORE);
  SSL_CTX_sess_set_new_cb(context, &on_session);
}

tls_side::~tls_side() {
  SSL_SESSION_free(last_);
}

net::layered_ptr tls_side::make() {
  net::openssl_ptr<SSL> ssl{SSL_new(context_.get())};
  SSL_set_connect_state(ssl.get());
  {
    const std::lock_guard guard{mutex_};
    if (last_)
      SSL_set_session(ssl.get(), last_);
  }
  return std::make_unique<net::layered_transport>(
    std::make_unique<net::tls_layer>(std::move(ssl), nullptr));
}

/// One is enough: a server of ours takes a ticket more than once.
int tls_side::on_session(SSL* ssl, SSL_SESSION* session) {
  auto& self = *static_cast<tls_side*>(
    SSL_CTX_get_app_data(SSL_get_SSL_CTX(ssl)));
  const std::lock_guard guard{self.mutex_};
  if (self.last_)
    return 0;
  self.last_ = session;
  return 1;
}

} // namespace hetzel::test::load
