#include "actors/net/tls/tls_context.hpp"

#include "actors/net/tls/certificate_names.hpp"
#include "actors/net/tls/cipher_choice.hpp"
#include "actors/net/tls/server_certificate.hpp"
#include "actors/net/tls/tls_layer.hpp"

#include <algorithm>
#include <array>
#include <cstdint>
#include <utility>

#include <openssl/err.h>

namespace hetzel::net {

namespace {

/// Of TLS 1.2 clients that know no tickets.
constexpr long cached_sessions_max = 4'096;

constexpr unsigned char session_scope[] = "hetzel";

mqtt::unexpected<std::string> fault(std::string what) {
  return mqtt::unexpected<std::string>(std::move(what));
}

struct version_row {
  bool tls_config::versions::*member;
  int number;
  std::uint64_t off;
};

constexpr std::array versions{
  version_row{&tls_config::versions::v1_0, TLS1_VERSION, SSL_OP_NO_TLSv1},
  version_row{&tls_config::versions::v1_1, TLS1_1_VERSION, SSL_OP_NO_TLSv1_1},
  version_row{&tls_config::versions::v1_2, TLS1_2_VERSION, SSL_OP_NO_TLSv1_2},
  version_row{&tls_config::versions::v1_3, TLS1_3_VERSION, SSL_OP_NO_TLSv1_3},
};

} // namespace

mqtt::expected<tls_context_ptr, std::string>
tls_context::load(const tls_config& config, std::string_view application) {
  std::shared_ptr<tls_context> made{new tls_context{config, application}};
  if (auto done = made->read(); !done)
    return mqtt::unexpected(std::move(done.error()));
  return tls_context_ptr{std::move(made)};
}

tls_context::tls_context(const tls_config& config,
                         std::string_view application)
  : config_(config), tickets_(config.session_lifetime) {
  application_ += static_cast<char>(application.size());
  application_ += application;
}

openssl_ptr<SSL> tls_context::make_ssl() const {
  return openssl_ptr<SSL>{SSL_new(main_.get())};
}

// -- making -------------------------------------------------------------------

mqtt::expected<void, std::string> tls_context::read() {
  if (config_.certificate.certfile.empty() && !config_.psk_support)
    return fault("certfile: is needed, or psk_support");
  if (config_.psk_support) {
    auto table = psk_table::read(config_.pskfile, config_.psk_separator);
    if (!table)
      return fault("pskfile " + table.error());
    psks_ = std::move(*table);
  }
  auto made = make_context(config_.certificate);
  if (!made)
    return fault(std::move(made.error()));
  main_ = std::move(*made);
  for (const auto& files : config_.named_certificates) {
    auto other = make_context(files);
    if (!other)
      return fault("sni_certificates: " + other.error());
    const auto* const certificate = SSL_CTX_get0_certificate(other->get());
    named_.push_back({host_names_of(certificate), std::move(*other)});
  }
  return {};
}

mqtt::expected<openssl_ptr<SSL_CTX>, std::string>
tls_context::make_context(const certificate_files& files) {
  ERR_clear_error();
  openssl_ptr<SSL_CTX> made{SSL_CTX_new(TLS_server_method())};
  if (!made)
    return fault(take_openssl_error());
  auto* const context = made.get();
  SSL_CTX_set_mode(context, SSL_MODE_RELEASE_BUFFERS
                              | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
  SSL_CTX_set_options(context, SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_COMPRESSION
                                 | SSL_OP_CIPHER_SERVER_PREFERENCE);
  SSL_CTX_set_dh_auto(context, 1);
  use_versions(context);
  use_sessions(context);
  if (auto done = use_ciphers(context); !done)
    return fault(std::move(done.error()));
  if (!files.certfile.empty()) {
    if (auto done = use_certificate(context, files, config_.key_password);
        !done)
      return fault(std::move(done.error()));
    note_validity(context, files.certfile);
  }
  if (auto done = use_client_verification(context, config_); !done)
    return fault(std::move(done.error()));
  use_callbacks(context);
  return made;
}

void tls_context::use_versions(SSL_CTX* of) const {
  // The system's own configuration may have set bounds.
  SSL_CTX_set_min_proto_version(of, 0);
  SSL_CTX_set_max_proto_version(of, 0);
  for (const auto& one : versions)
    if (!(config_.allowed_versions.*one.member))
      SSL_CTX_set_options(of, one.off);
  // What these need counts as too weak otherwise (SHA-1).
  if (config_.allowed_versions.v1_0 || config_.allowed_versions.v1_1)
    SSL_CTX_set_security_level(of, 0);
}

void tls_context::use_sessions(SSL_CTX* of) const {
  SSL_CTX_set_session_id_context(of, session_scope, sizeof session_scope - 1);
  if (config_.session_lifetime.count() == 0) {
    SSL_CTX_set_options(of, SSL_OP_NO_TICKET);
    SSL_CTX_set_num_tickets(of, 0);
    SSL_CTX_set_session_cache_mode(of, SSL_SESS_CACHE_OFF);
    return;
  }
  SSL_CTX_set_timeout(of, config_.session_lifetime.count());
  // A client of ours connects once.
  SSL_CTX_set_num_tickets(of, 1);
  SSL_CTX_set_session_cache_mode(of, SSL_SESS_CACHE_SERVER);
  SSL_CTX_sess_set_cache_size(of, cached_sessions_max);
}

mqtt::expected<void, std::string> tls_context::use_ciphers(SSL_CTX* of) {
  const auto chosen = choose_ciphers(config_.ciphers);
  if (!main_)
    for (const auto& name : chosen.unknown)
      notes_.push_back("ciphers: there is no " + name);
  if (!config_.ciphers.empty() && chosen.up_to_v1_2.empty()
      && chosen.v1_3.empty())
    return fault("ciphers: none of them is known");
  std::string list = chosen.up_to_v1_2;
  // Who names suites of 1.3 alone wants nothing older.
  if (list.empty() && !chosen.v1_3.empty())
    SSL_CTX_set_min_proto_version(of, TLS1_3_VERSION);
  if (list.empty())
    list = default_ciphers();
  if (config_.psk_support)
    list += ':' + std::string{psk_ciphers()};
  if (SSL_CTX_set_cipher_list(of, list.c_str()) != 1)
    return fault("ciphers: " + take_openssl_error());
  if (!chosen.v1_3.empty()
      && SSL_CTX_set_ciphersuites(of, chosen.v1_3.c_str()) != 1)
    return fault("ciphers: " + take_openssl_error());
  auto groups = config_.groups;
  std::replace(groups.begin(), groups.end(), ',', ':');
  if (!groups.empty() && SSL_CTX_set1_groups_list(of, groups.c_str()) != 1)
    return fault("eccs: one of these is unknown: " + config_.groups);
  return {};
}

void tls_context::use_callbacks(SSL_CTX* of) {
  SSL_CTX_set_app_data(of, this);
  SSL_CTX_set_tlsext_servername_callback(of, &on_server_name);
  SSL_CTX_set_tlsext_servername_arg(of, this);
  SSL_CTX_set_alpn_select_cb(of, &on_application, this);
  SSL_CTX_set_tlsext_ticket_key_evp_cb(of, &on_ticket);
  if (!config_.psk_support)
    return;
  SSL_CTX_set_psk_server_callback(of, &tls_layer::on_psk);
  SSL_CTX_use_psk_identity_hint(of, config_.psk_identity_hint.c_str());
}

void tls_context::note_validity(SSL_CTX* of, const std::string& file) {
  const auto* const certificate = SSL_CTX_get0_certificate(of);
  if (X509_cmp_current_time(X509_get0_notAfter(certificate)) < 0)
    notes_.push_back("certfile " + file + ": has expired");
  if (X509_cmp_current_time(X509_get0_notBefore(certificate)) > 0)
    notes_.push_back("certfile " + file + ": is not valid yet");
}

// -- asked by OpenSSL ---------------------------------------------------------

SSL_CTX* tls_context::context_for(std::string_view host) const noexcept {
  for (const auto& one : named_)
    for (const auto& name : one.names)
      if (stands_for(name, host))
        return one.context.get();
  return nullptr;
}

/// Who asks for a name that nobody has gets the main certificate, and can
/// judge that.
int tls_context::on_server_name(SSL* ssl, int*, void* self) {
  const auto* const host = SSL_get_servername(ssl, TLSEXT_NAMETYPE_host_name);
  if (!host)
    return SSL_TLSEXT_ERR_NOACK;
  if (auto* const other
      = static_cast<const tls_context*>(self)->context_for(host))
    SSL_set_SSL_CTX(ssl, other);
  return SSL_TLSEXT_ERR_OK;
}

int tls_context::on_application(SSL*, const unsigned char** chosen,
                                unsigned char* size,
                                const unsigned char* offered,
                                unsigned offered_size, void* self) {
  const auto& ours = static_cast<const tls_context*>(self)->application_;
  unsigned char* found = nullptr;
  const int outcome = SSL_select_next_proto(
    &found, size, reinterpret_cast<const unsigned char*>(ours.data()),
    static_cast<unsigned>(ours.size()), offered, offered_size);
  *chosen = found;
  return outcome == OPENSSL_NPN_NEGOTIATED ? SSL_TLSEXT_ERR_OK
                                           : SSL_TLSEXT_ERR_ALERT_FATAL;
}

int tls_context::on_ticket(SSL* ssl, unsigned char* name, unsigned char* iv,
                           EVP_CIPHER_CTX* cipher, EVP_MAC_CTX* mac,
                           int sealing) {
  const auto* const self = static_cast<const tls_context*>(
    SSL_CTX_get_app_data(SSL_get_SSL_CTX(ssl)));
  return self->tickets_.on_ticket(name, iv, cipher, mac, sealing != 0);
}

} // namespace hetzel::net
