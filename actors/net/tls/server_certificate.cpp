#include "actors/net/tls/server_certificate.hpp"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <fstream>

#include <openssl/err.h>
#include <openssl/pem.h>

namespace hetzel::net {

namespace {

/// OpenSSL would ask at the terminal.
int give_password(char* into, int size, int /*for_writing*/, void* of) {
  const auto& password = *static_cast<const std::string*>(of);
  const auto count = std::min(static_cast<std::size_t>(size), password.size());
  std::memcpy(into, password.data(), count);
  return static_cast<int>(count);
}

/// For the time of reading a key.
class password_scope {
public:
  password_scope(SSL_CTX* context, const std::string& password)
    : context_(context) {
    SSL_CTX_set_default_passwd_cb(context_, &give_password);
    SSL_CTX_set_default_passwd_cb_userdata(
      context_, const_cast<std::string*>(&password));
  }
  ~password_scope() {
    SSL_CTX_set_default_passwd_cb_userdata(context_, nullptr);
    SSL_CTX_set_default_passwd_cb(context_, nullptr);
  }
  password_scope(const password_scope&) = delete;
  password_scope& operator=(const password_scope&) = delete;

private:
  SSL_CTX* context_;
};

/// A certificate whose issuer has published no list is as good as unlisted,
/// but only above the client's own: there somebody wanted it to be looked up.
int on_certificate(int is_good, X509_STORE_CTX* store) {
  if (is_good == 0
      && X509_STORE_CTX_get_error(store) == X509_V_ERR_UNABLE_TO_GET_CRL
      && X509_STORE_CTX_get_error_depth(store) > 0) {
    X509_STORE_CTX_set_error(store, X509_V_OK);
    return 1;
  }
  return is_good;
}

mqtt::expected<void, std::string> use_roots(SSL_CTX* context,
                                            const std::string& path) {
  if (const auto fault = reading_fault(path); !fault.empty())
    return file_fault("cafile", path, fault);
  ERR_clear_error();
  if (SSL_CTX_load_verify_file(context, path.c_str()) != 1)
    return file_fault("cafile", path, take_openssl_error());
  // Their names tell a client which of its certificates is wanted.
  auto* const names = SSL_load_client_CA_file(path.c_str());
  if (!names)
    return file_fault("cafile", path, take_openssl_error());
  SSL_CTX_set_client_CA_list(context, names);
  return {};
}

mqtt::expected<void, std::string> use_revocations(SSL_CTX* context,
                                                  const std::string& path) {
  if (const auto fault = reading_fault(path); !fault.empty())
    return file_fault("crlfile", path, fault);
  ERR_clear_error();
  auto* const store = SSL_CTX_get_cert_store(context);
  auto* const lookup = X509_STORE_add_lookup(store, X509_LOOKUP_file());
  if (!lookup
      || X509_load_crl_file(lookup, path.c_str(), X509_FILETYPE_PEM) < 1)
    return file_fault("crlfile", path, take_openssl_error());
  X509_STORE_set_flags(store, X509_V_FLAG_CRL_CHECK
                                | X509_V_FLAG_CRL_CHECK_ALL);
  return {};
}

} // namespace

mqtt::unexpected<std::string>
file_fault(const char* key, const std::string& path, const std::string& what) {
  return mqtt::unexpected<std::string>(std::string{key} + ' ' + path + ": "
                                       + what);
}

std::string reading_fault(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  if (in && (in.peek(), !in.bad()))
    return {};
  return std::strerror(errno);
}

mqtt::expected<void, std::string>
use_certificate(SSL_CTX* context, const certificate_files& files,
                const std::string& key_password) {
  const auto& keyfile = files.keyfile.empty() ? files.certfile : files.keyfile;
  if (const auto fault = reading_fault(files.certfile); !fault.empty())
    return file_fault("certfile", files.certfile, fault);
  if (const auto fault = reading_fault(keyfile); !fault.empty())
    return file_fault("keyfile", keyfile, fault);
  const password_scope password{context, key_password};
  ERR_clear_error();
  if (SSL_CTX_use_certificate_chain_file(context, files.certfile.c_str()) != 1)
    return file_fault("certfile", files.certfile, take_openssl_error());
  if (SSL_CTX_use_PrivateKey_file(context, keyfile.c_str(), SSL_FILETYPE_PEM)
        != 1
      || SSL_CTX_check_private_key(context) != 1)
    return file_fault("keyfile", keyfile, take_openssl_error());
  return {};
}

mqtt::expected<void, std::string>
use_client_verification(SSL_CTX* context, const tls_config& config) {
  if (!config.verifies_clients())
    return {};
  if (config.cafile.empty())
    return mqtt::unexpected<std::string>(
      "cafile: is needed to verify the certificates of clients");
  if (auto done = use_roots(context, config.cafile); !done)
    return done;
  if (!config.crlfile.empty())
    if (auto done = use_revocations(context, config.crlfile); !done)
      return done;
  int mode = SSL_VERIFY_PEER;
  if (config.require_certificate)
    mode |= SSL_VERIFY_FAIL_IF_NO_PEER_CERT;
  SSL_CTX_set_verify(context, mode, &on_certificate);
  SSL_CTX_set_verify_depth(context, config.depth);
  return {};
}

} // namespace hetzel::net
