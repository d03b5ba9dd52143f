#pragma once

#include <chrono>
#include <string>
#include <vector>

namespace hetzel::net {

/// A certificate with what stands behind it up to a root, and its key; both
/// PEM. An empty key: it stands in the same file.
struct certificate_files {
  std::string certfile;
  std::string keyfile;

  bool operator==(const certificate_files&) const = default;
};

/// What a TLS listener is to use. Plain values; the files are read when a
/// `tls_context` is made of it. Empty paths: none. Keys in backquotes stand
/// below `listeners.ssl.<name>.`.
struct tls_config {
  /// `certfile`, `keyfile`: what a client gets that asks for no other name.
  certificate_files certificate;
  /// `keypasswd`: of all encrypted key files; secret.
  std::string key_password;
  /// `sni_certificates`: for the names that stand in them.
  std::vector<certificate_files> named_certificates;

  struct versions {
    bool v1_0 = false;
    bool v1_1 = false;
    bool v1_2 = true;
    bool v1_3 = true;

    bool operator==(const versions&) const = default;
  } allowed_versions; ///< `tls_version`

  /// `ciphers`: with colons between them, names of OpenSSL or IANA, those of
  /// TLS 1.3 too; empty: ours.
  std::string ciphers;
  /// `eccs`: named groups, with colons or commas between them; empty:
  /// OpenSSL's.
  std::string groups;

  /// `cafile`: roots of client certificates.
  std::string cafile;
  /// `depth`: certificates between a client's and its root. 0…100; default 1.
  int depth = 1;
  /// `crlfile`: lists of revoked certificates.
  std::string crlfile;
  /// `require_certificate`: of the client.
  bool require_certificate = false;
  /// `use_identity_as_username`: a verified certificate says who it is.
  bool use_identity_as_username = false;
  enum class identity_source : unsigned char { common_name, alternative_name };
  /// `identity_source`: the field of the certificate that says it.
  identity_source identity = identity_source::common_name;

  /// `psk_support`: keys instead of certificates.
  bool psk_support = false;
  /// `psk_identity_hint`.
  std::string psk_identity_hint{"VMQ_PSK"};
  /// `pskfile`.
  std::string pskfile{"./etc/hetzel.psk"};
  /// `pskfile_separator`: between identity and key.
  char psk_separator = ':';

  /// `tls_session_lifetime`: how long a client may go on from an earlier
  /// handshake; zero: never. 0…1 d; default 2 h.
  std::chrono::seconds session_lifetime{7'200};

  [[nodiscard]] bool verifies_clients() const noexcept {
    return require_certificate || use_identity_as_username;
  }

  bool operator==(const tls_config&) const = default;
};

} // namespace hetzel::net
