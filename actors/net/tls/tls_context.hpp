#pragma once

#include "actors/net/tls/openssl.hpp"
#include "actors/net/tls/psk_table.hpp"
#include "actors/net/tls/ticket_keys.hpp"
#include "actors/net/tls/tls_config.hpp"
#include "protocol/expected.hpp"

#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace hetzel::net {

class tls_context;
using tls_context_ptr = std::shared_ptr<const tls_context>;

/// All that a listener's handshakes need, as its files stood when it was made.
/// Immutable: what is read anew makes another, and connections keep theirs.
class tls_context {
public:
  /// Reads the files; blocking. `application`: the one protocol that clients
  /// who name any (ALPN) must name. The error is a sentence for the operator;
  /// no secret stands in it.
  [[nodiscard]] static mqtt::expected<tls_context_ptr, std::string>
  load(const tls_config& config, std::string_view application);

  tls_context(const tls_context&) = delete;
  tls_context& operator=(const tls_context&) = delete;

  /// A new connection's, which keeps the context alive as long as it holds a
  /// reference. Null: no memory.
  [[nodiscard]] openssl_ptr<SSL> make_ssl() const;

  [[nodiscard]] const tls_config& config() const noexcept { return config_; }
  [[nodiscard]] const psk_table& keys() const noexcept { return psks_; }

  /// What an operator should know, though it is no fault: ciphers that are not
  /// there, a certificate that has expired.
  [[nodiscard]] const std::vector<std::string>& notes() const noexcept {
    return notes_;
  }

private:
  struct named_context {
    std::vector<std::string> names;
    openssl_ptr<SSL_CTX> context;
  };

  tls_context(const tls_config& config, std::string_view application);

  [[nodiscard]] mqtt::expected<void, std::string> read();
  [[nodiscard]] mqtt::expected<openssl_ptr<SSL_CTX>, std::string>
  make_context(const certificate_files& files);
  [[nodiscard]] mqtt::expected<void, std::string> use_ciphers(SSL_CTX* of);
  void use_versions(SSL_CTX* of) const;
  void use_sessions(SSL_CTX* of) const;
  void use_callbacks(SSL_CTX* of);
  void note_validity(SSL_CTX* of, const std::string& file);
  [[nodiscard]] SSL_CTX* context_for(std::string_view host) const noexcept;

  static int on_server_name(SSL* ssl, int* alert, void* self);
  static int on_application(SSL* ssl, const unsigned char** chosen,
                            unsigned char* size, const unsigned char* offered,
                            unsigned offered_size, void* self);
  static int on_ticket(SSL* ssl, unsigned char* name, unsigned char* iv,
                       EVP_CIPHER_CTX* cipher, EVP_MAC_CTX* mac, int sealing);

  tls_config config_;
  std::string application_; ///< as ALPN writes it: its length in front
  psk_table psks_;
  mutable ticket_keys tickets_;
  std::vector<std::string> notes_;
  std::vector<named_context> named_;
  openssl_ptr<SSL_CTX> main_;
};

} // namespace hetzel::net
