#pragma once

#include "plugins/files/text_lines.hpp"
#include "plugins/jwt/jwt_key.hpp"
#include "protocol/expected.hpp"

#include <cstddef>
#include <string>
#include <vector>

namespace hetzel::plugins {

/// The keys that tokens may be signed with, of one or several files.
struct jwt_key_set {
  std::vector<jwt_key> keys;
  /// Keys of a JWKS that were left out, and why.
  std::vector<text_fault> warnings;
};

using parsed_jwt_keys = mqtt::expected<jwt_key_set, text_fault>;

/// Keys of one file; more make it useless.
inline constexpr std::size_t jwt_keys_max = 1'000;

/// The whole text but for the end of its last line; behind `base64:` what it
/// decodes to.
[[nodiscard]] parsed_jwt_keys parse_jwt_secret(mqtt::bytes_view text);

/// One or more public keys or certificates. Of a certificate nothing but its
/// key is looked at. A private key is a fault: it has no business here.
[[nodiscard]] parsed_jwt_keys parse_jwt_pem(mqtt::bytes_view text);

/// A JWK Set (RFC 7517, 5). Keys of unknown kind or for encryption are left out
/// with a warning, broken ones make the whole text useless.
[[nodiscard]] parsed_jwt_keys parse_jwks(mqtt::bytes_view text);

} // namespace hetzel::plugins
