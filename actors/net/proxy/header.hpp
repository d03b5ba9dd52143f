#pragma once

#include "protocol/basic_types.hpp"
#include "protocol/expected.hpp"

#include <cstddef>
#include <optional>
#include <string>

namespace hetzel::net::proxy {

/// What the proxy knows of the client's TLS connection with it.
struct tls_facts {
  std::string version; ///< "TLSv1.3"
  std::string cipher;
  /// Of the client's certificate.
  std::string common_name;
  bool has_certificate = false;
  /// The proxy checked the certificate and found it good.
  bool is_verified = false;
};

/// Whose connection it is that a proxy passes on.
struct header {
  /// The connection is the proxy's own (a health check), or it does not say
  /// whose: the peer is who connected. Nothing else is set then but `size`.
  bool is_local = false;
  /// As `socket_address` writes it; "unix:<path>" of a client that came
  /// through a local socket.
  std::string source;
  std::string alpn;
  /// The host that the client asked for (TLS server name).
  std::string authority;
  std::optional<tls_facts> tls;
  /// Bytes of the header itself; what follows is the client's.
  std::size_t size = 0;
};

enum class fault : unsigned char {
  not_a_header = 1, ///< the bytes are something else
  bad_line,         ///< version 1: not as it must be
  bad_command,      ///< version 2: unknown version or command
  bad_family,       ///< version 2: not a stream of a known family
  bad_block,        ///< version 2: addresses or an attribute cut short
  bad_text,         ///< an attribute that is no UTF-8, or comes twice
  bad_checksum,
  too_large,
};

[[nodiscard]] const char* to_string(fault of) noexcept;

/// Longest line of version 1, CR LF included.
inline constexpr std::size_t line_size_max = 107;

/// Longest header of version 2. Its length field could say 64 KB; proxies send
/// some hundred bytes.
inline constexpr std::size_t block_size_max = 4'096;

/// Reads the PROXY protocol header, version 1 or 2, at the front of
/// `received`: all that a connection brought so far. nullopt: a header begins
/// so, and goes on. Decides as early as the bytes allow; nothing is kept
/// between calls.
[[nodiscard]] mqtt::expected<std::optional<header>, fault>
read_header(mqtt::bytes_view received);

} // namespace hetzel::net::proxy
