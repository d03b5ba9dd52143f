#pragma once

#include "actors/net/tls/openssl.hpp"
#include "actors/net/transport_layer.hpp"

#include <string>

namespace hetzel::net {

struct tls_failure {
  transport_fault fault = transport_fault::none;
  /// For the log: "certificate verify failed: certificate has expired".
  std::string why;
};

/// What the failure of `ssl` means that OpenSSL has just reported on this
/// thread, whose errors it clears.
[[nodiscard]] tls_failure take_tls_failure(const SSL* ssl);

/// What begins with these bytes is not TLS but …; for a hint in the log.
[[nodiscard]] const char* name_of_foreign(mqtt::bytes_view begin) noexcept;

} // namespace hetzel::net
