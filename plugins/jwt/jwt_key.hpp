#pragma once

#include "protocol/basic_types.hpp"
#include "protocol/expected.hpp"

#include <memory>
#include <optional>
#include <string>

struct evp_pkey_st;

namespace hetzel::plugins {

/// Signature algorithms of RFC 7518, 3.1 and RFC 8037, 3.1; there is no `none`.
enum class jwt_algorithm : unsigned char {
  hs256,
  hs384,
  hs512,
  rs256,
  rs384,
  rs512,
  ps256,
  ps384,
  ps512,
  es256,
  es384,
  es512,
  eddsa,
};

/// By the name in the header of a token; names are case-sensitive.
[[nodiscard]] std::optional<jwt_algorithm>
find_jwt_algorithm(mqtt::bytes_view name) noexcept;

/// What a key is. Each algorithm wants one kind, so that no public key is ever
/// taken for a secret.
enum class jwt_key_kind : unsigned char {
  secret,
  rsa,
  p256,
  p384,
  p521,
  edwards, ///< Ed25519 or Ed448
};

/// A key that verifies signatures. Immutable, shared by all threads.
class jwt_key {
public:
  /// At least 32 bytes.
  [[nodiscard]] static mqtt::expected<jwt_key, std::string>
  from_secret(std::string secret);

  /// A public key; takes it over. RSA has at least 2,048 bits.
  [[nodiscard]] static mqtt::expected<jwt_key, std::string>
  from_public(evp_pkey_st* key);

  [[nodiscard]] jwt_key_kind kind() const noexcept { return kind_; }

  /// Whether it is of the kind, and for HMAC of the size (RFC 7518, 3.2), that
  /// the algorithm wants, and not bound to another algorithm.
  [[nodiscard]] bool fits(jwt_algorithm algorithm) const noexcept;

  /// Precondition: it fits.
  [[nodiscard]] bool verify(jwt_algorithm algorithm,
                            mqtt::bytes_view signed_text,
                            mqtt::bytes_view signature) const;

  /// `kid` of a JWK; empty: it has none.
  std::string id;
  /// `alg` of a JWK.
  std::optional<jwt_algorithm> only_for;

private:
  explicit jwt_key(jwt_key_kind kind) noexcept : kind_(kind) {}

  jwt_key_kind kind_;
  std::string secret_;
  std::shared_ptr<evp_pkey_st> public_key_;
};

} // namespace hetzel::plugins
