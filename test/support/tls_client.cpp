#include "test/support/tls_client.hpp"

#include "actors/net/tls/certificate_names.hpp"
#include "test/support/openssl_check.hpp"

#include <algorithm>
#include <array>
#include <cstring>
#include <utility>

#include <openssl/err.h>
#include <openssl/pem.h>

namespace hetzel::test {

namespace {

net::openssl_ptr<BIO> reader(const std::string& text) {
  return net::openssl_ptr<BIO>{
    BIO_new_mem_buf(text.data(), static_cast<int>(text.size()))};
}

net::openssl_ptr<X509> certificate_of(const std::string& pem) {
  return net::openssl_ptr<X509>{
    PEM_read_bio_X509(reader(pem).get(), nullptr, nullptr, nullptr)};
}

void use_own(SSL_CTX* context, const issued_certificate& own) {
  const auto certificate = certificate_of(own.certificate);
  check_openssl(SSL_CTX_use_certificate(context, certificate.get()) == 1);
  auto* const key = PEM_read_bio_PrivateKey(reader(own.key).get(), nullptr,
                                            nullptr, nullptr);
  check_openssl(SSL_CTX_use_PrivateKey(context, key) == 1);
  EVP_PKEY_free(key);
}

unsigned give_psk(SSL* ssl, const char*, char* identity, unsigned size_max,
                  unsigned char* key, unsigned key_size_max) {
  const auto& wish = *static_cast<const tls_wish*>(SSL_get_app_data(ssl));
  if (wish.psk_identity.size() >= size_max
      || wish.psk_key.size() > key_size_max)
    return 0;
  std::strcpy(identity, wish.psk_identity.c_str());
  std::memcpy(key, wish.psk_key.data(), wish.psk_key.size());
  return static_cast<unsigned>(wish.psk_key.size());
}

std::string application_list(const std::vector<std::string>& names) {
  std::string list;
  for (const auto& name : names)
    (list += static_cast<char>(name.size())) += name;
  return list;
}

std::string take_all(mqtt::output_buffer& buffer) {
  std::array<mqtt::bytes_view, 64> parts;
  std::string result;
  while (!buffer.empty()) {
    const auto used = buffer.gather(parts);
    std::size_t size = 0;
    for (std::size_t i = 0; i < used; ++i) {
      result += parts[i];
      size += parts[i].size();
    }
    buffer.consume(size);
  }
  return result;
}

} // namespace

tls_client::tls_client(const tls_wish& wish)
  : context_(SSL_CTX_new(TLS_client_method())), wish_(wish) {
  auto* const context = context_.get();
  SSL_CTX_set_min_proto_version(context, wish.version_min);
  SSL_CTX_set_max_proto_version(context, wish.version_max);
  if (wish.version_min != 0 && wish.version_min < TLS1_2_VERSION)
    SSL_CTX_set_security_level(context, 0);
  if (!wish.ciphers.empty())
    check_openssl(SSL_CTX_set_cipher_list(context, wish.ciphers.c_str()) == 1);
  if (!wish.root.empty()) {
    X509_STORE_add_cert(SSL_CTX_get_cert_store(context),
                        certificate_of(wish.root).get());
    SSL_CTX_set_verify(context, SSL_VERIFY_PEER, nullptr);
  }
  if (!wish.own.certificate.empty())
    use_own(context, wish.own);
  if (!wish.psk_identity.empty())
    SSL_CTX_set_psk_client_callback(context, &give_psk);
  ssl_.reset(SSL_new(context));
  auto* const ssl = ssl_.get();
  SSL_set_app_data(ssl, &wish_);
  SSL_set_bio(ssl, BIO_new(BIO_s_mem()), BIO_new(BIO_s_mem()));
  BIO_set_mem_eof_return(SSL_get_rbio(ssl), -1);
  if (!wish.host.empty())
    SSL_set_tlsext_host_name(ssl, wish.host.c_str());
  const auto list = application_list(wish.applications);
  if (!list.empty())
    SSL_set_alpn_protos(ssl,
                        reinterpret_cast<const unsigned char*>(list.data()),
                        static_cast<unsigned>(list.size()));
  SSL_set_connect_state(ssl);
}

tls_client::~tls_client() {
  SSL_SESSION_free(session_);
}

void tls_client::resume(const tls_client& earlier) {
  session_ = SSL_get1_session(earlier.ssl_.get());
  check_openssl(session_ && SSL_set_session(ssl_.get(), session_) == 1);
}

std::string tls_client::take_written() {
  auto* const bio = SSL_get_wbio(ssl_.get());
  std::string result(BIO_ctrl_pending(bio), '\0');
  if (!result.empty())
    BIO_read(bio, result.data(), static_cast<int>(result.size()));
  return result;
}

std::string tls_client::exchange(std::string_view from_server) {
  if (!from_server.empty())
    BIO_write(SSL_get_rbio(ssl_.get()), from_server.data(),
              static_cast<int>(from_server.size()));
  std::array<char, 16 * 1024> buffer;
  for (;;) {
    std::size_t size = 0;
    ERR_clear_error();
    if (SSL_read_ex(ssl_.get(), buffer.data(), buffer.size(), &size) == 1) {
      plain.append(buffer.data(), size);
      continue;
    }
    const int why = SSL_get_error(ssl_.get(), 0);
    if (why == SSL_ERROR_SSL && failure.empty())
      failure = net::take_openssl_error();
    return take_written();
  }
}

std::string tls_client::write(std::string_view text) {
  std::size_t size = 0;
  check_openssl(SSL_write_ex(ssl_.get(), text.data(), text.size(), &size) == 1);
  return take_written();
}

std::string tls_client::finish() {
  SSL_shutdown(ssl_.get());
  return take_written();
}

net::transport_layer::status tls_client::talk(net::transport_layer& server,
                                              std::string& up,
                                              std::string to_server) {
  using status = net::transport_layer::status;
  auto result = status::open;
  if (to_server.empty())
    to_server = exchange({});
  while (!to_server.empty() && result == status::open) {
    mqtt::output_buffer down;
    result = server.receive(to_server, up, down);
    to_server = exchange(take_all(down));
  }
  return result;
}

bool tls_client::is_established() const {
  return SSL_is_init_finished(ssl_.get()) == 1 && failure.empty();
}

bool tls_client::is_resumed() const {
  return SSL_session_reused(ssl_.get()) == 1;
}

bool tls_client::is_ended() const {
  return (SSL_get_shutdown(ssl_.get()) & SSL_RECEIVED_SHUTDOWN) != 0;
}

std::string tls_client::server_common_name() const {
  const auto* const certificate = SSL_get0_peer_certificate(ssl_.get());
  return certificate ? net::common_name_of(certificate) : std::string{};
}

std::string tls_client::application() const {
  const unsigned char* name = nullptr;
  unsigned size = 0;
  SSL_get0_alpn_selected(ssl_.get(), &name, &size);
  return {reinterpret_cast<const char*>(name), size};
}

std::string tls_client::version() const {
  return SSL_get_version(ssl_.get());
}

} // namespace hetzel::test
