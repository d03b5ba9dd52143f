#pragma once

#include <optional>
#include <string>

namespace hetzel::net {

/// What the way of a client to us tells about it: whom hooks are told of, and
/// who it may be taken for. Only what its layers have checked, or what a
/// trusted proxy says.
struct peer_identity {
  /// Address and port in place of the socket's: of the client behind a proxy.
  std::string address;
  /// Of a verified client certificate, its first common name; or what a
  /// trusted proxy says that is.
  std::string common_name;
  /// Of the same certificate: the first DNS name, e-mail address or URI.
  std::string alternative_name;
  std::string psk_identity;
  /// "TLSv1.3" and "TLS_AES_256_GCM_SHA384"; empty without TLS.
  std::string tls_version;
  std::string tls_cipher;
  /// The name of us that the client asked for (SNI, or a proxy's authority).
  std::string server_name;
  /// In place of the one in CONNECT, which it replaces before the client is
  /// judged; nullopt: the client's word.
  std::optional<std::string> user_name;
};

} // namespace hetzel::net
