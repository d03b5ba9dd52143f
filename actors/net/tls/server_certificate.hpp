#pragma once

#include "actors/net/tls/openssl.hpp"
#include "actors/net/tls/tls_config.hpp"
#include "protocol/expected.hpp"

#include <string>

namespace hetzel::net {

/// A file of the configuration that cannot be used: "certfile /a/b.pem: what
/// is wrong". Never what stands in it.
[[nodiscard]] mqtt::unexpected<std::string>
file_fault(const char* key, const std::string& path, const std::string& what);

/// Empty: it can be read.
[[nodiscard]] std::string reading_fault(const std::string& path);

/// Puts a certificate, its chain and its key into `context`. Blocking.
[[nodiscard]] mqtt::expected<void, std::string>
use_certificate(SSL_CTX* context, const certificate_files& files,
                const std::string& key_password);

/// Makes `context` ask clients for certificates and judge them, as
/// `config` wants it. Blocking.
[[nodiscard]] mqtt::expected<void, std::string>
use_client_verification(SSL_CTX* context, const tls_config& config);

} // namespace hetzel::net
