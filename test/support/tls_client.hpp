#pragma once

#include "actors/net/tls/openssl.hpp"
#include "actors/net/transport_layer.hpp"
#include "test/support/tls_authority.hpp"

#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace hetzel::test {

struct tls_wish {
  /// Trusted alone; PEM.
  std::string root;
  /// Ours; empty: none.
  issued_certificate own = {};
  /// What we ask for (SNI); empty: nothing.
  std::string host = {};
  /// In OpenSSL's form; empty: none.
  std::vector<std::string> applications = {};
  int version_min = 0;
  int version_max = 0;
  /// Up to TLS 1.2; empty: OpenSSL's.
  std::string ciphers = {};
  std::string psk_identity = {};
  std::string psk_key = {};
};

/// A client of TLS without a socket: OpenSSL's, over memory.
class tls_client {
public:
  explicit tls_client(const tls_wish& wish);
  ~tls_client();
  tls_client(const tls_client&) = delete;
  tls_client& operator=(const tls_client&) = delete;

  /// Goes on from the connection of another that has ended.
  void resume(const tls_client& earlier);

  /// Takes what the server sent and returns what it is to be sent.
  std::string exchange(std::string_view from_server);
  std::string write(std::string_view plain);

  /// Announces its end.
  std::string finish();

  /// The handshake and all that follows, both ways, until nobody has anything
  /// to say; what the server's layer says last.
  net::transport_layer::status talk(net::transport_layer& server,
                                    std::string& up,
                                    std::string to_server = {});

  /// What came of the server's.
  std::string plain;
  [[nodiscard]] bool is_established() const;
  [[nodiscard]] bool is_resumed() const;
  /// The server has announced its end.
  [[nodiscard]] bool is_ended() const;
  /// Why it failed; empty: it has not.
  std::string failure;
  [[nodiscard]] std::string server_common_name() const;
  [[nodiscard]] std::string application() const;
  [[nodiscard]] std::string version() const;

private:
  std::string take_written();

  net::openssl_ptr<SSL_CTX> context_;
  net::openssl_ptr<SSL> ssl_;
  tls_wish wish_;
  SSL_SESSION* session_ = nullptr;
};

} // namespace hetzel::test
