#include "plugins/jwt/jwt_key.hpp"

#include "plugins/crypto/digest.hpp"

#include <openssl/ecdsa.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/rsa.h>

#include <algorithm>
#include <array>
#include <cstddef>
#include <utility>
#include <vector>

namespace hetzel::plugins {

namespace {

using mqtt::bytes_view;

constexpr std::size_t secret_size_min = 32;
constexpr int rsa_bits_min = 2'048;

struct algorithm_facts {
  bytes_view name;
  jwt_key_kind kind;
  digest hash;
  bool is_pss = false;
  /// Bytes of each half of an ECDSA signature (RFC 7518, 3.4).
  std::size_t half_size = 0;
};

/// In the order of the enumerators.
constexpr std::array algorithms{
  algorithm_facts{"HS256", jwt_key_kind::secret, digest::sha256},
  algorithm_facts{"HS384", jwt_key_kind::secret, digest::sha384},
  algorithm_facts{"HS512", jwt_key_kind::secret, digest::sha512},
  algorithm_facts{"RS256", jwt_key_kind::rsa, digest::sha256},
  algorithm_facts{"RS384", jwt_key_kind::rsa, digest::sha384},
  algorithm_facts{"RS512", jwt_key_kind::rsa, digest::sha512},
  algorithm_facts{"PS256", jwt_key_kind::rsa, digest::sha256, true},
  algorithm_facts{"PS384", jwt_key_kind::rsa, digest::sha384, true},
  algorithm_facts{"PS512", jwt_key_kind::rsa, digest::sha512, true},
  algorithm_facts{"ES256", jwt_key_kind::p256, digest::sha256, false, 32},
  algorithm_facts{"ES384", jwt_key_kind::p384, digest::sha384, false, 48},
  algorithm_facts{"ES512", jwt_key_kind::p521, digest::sha512, false, 66},
  // Hashes by itself.
  algorithm_facts{"EdDSA", jwt_key_kind::edwards, digest::sha512},
};

const algorithm_facts& facts_of(jwt_algorithm algorithm) noexcept {
  return algorithms[static_cast<std::size_t>(algorithm)];
}

const EVP_MD* method_of(const algorithm_facts& facts) noexcept {
  if (facts.kind == jwt_key_kind::edwards)
    return nullptr;
  switch (facts.hash) {
    case digest::sha256:
      return EVP_sha256();
    case digest::sha384:
      return EVP_sha384();
    case digest::sha512:
      return EVP_sha512();
  }
  return nullptr;
}

const unsigned char* bytes_of(bytes_view text) noexcept {
  return reinterpret_cast<const unsigned char*>(text.data());
}

template <auto Free>
struct freed_by {
  void operator()(auto* object) const noexcept { Free(object); }
};

using context_ptr = std::unique_ptr<EVP_MD_CTX, freed_by<EVP_MD_CTX_free>>;
using ecdsa_ptr = std::unique_ptr<ECDSA_SIG, freed_by<ECDSA_SIG_free>>;

/// The two halves as OpenSSL wants them; empty: they are none.
std::vector<unsigned char> ecdsa_der(bytes_view halves, std::size_t size) {
  if (halves.size() != 2 * size)
    return {};
  const ecdsa_ptr both{ECDSA_SIG_new()};
  const auto half = static_cast<int>(size);
  auto* r = BN_bin2bn(bytes_of(halves), half, nullptr);
  auto* s = BN_bin2bn(bytes_of(halves.substr(size)), half, nullptr);
  if (!both || ECDSA_SIG_set0(both.get(), r, s) != 1) {
    BN_free(r);
    BN_free(s);
    return {};
  }
  std::vector<unsigned char> der(
    static_cast<std::size_t>(std::max(0, i2d_ECDSA_SIG(both.get(), nullptr))));
  auto* to = der.data();
  i2d_ECDSA_SIG(both.get(), &to);
  return der;
}

bool set_padding(EVP_PKEY_CTX* context, const algorithm_facts& facts) {
  return !facts.is_pss
         || (EVP_PKEY_CTX_set_rsa_padding(context, RSA_PKCS1_PSS_PADDING) == 1
             && EVP_PKEY_CTX_set_rsa_pss_saltlen(context,
                                                 RSA_PSS_SALTLEN_DIGEST)
                  == 1);
}

bool verify_public(evp_pkey_st* key, const algorithm_facts& facts,
                   bytes_view text, bytes_view signature) {
  const context_ptr context{EVP_MD_CTX_new()};
  EVP_PKEY_CTX* of_key = nullptr;
  const auto is_right
    = context
      && EVP_DigestVerifyInit(context.get(), &of_key, method_of(facts),
                              nullptr, key)
           == 1
      && set_padding(of_key, facts)
      && EVP_DigestVerify(context.get(), bytes_of(signature),
                          signature.size(), bytes_of(text), text.size())
           == 1;
  // The thread's queue of errors belongs to its TLS connections too, which
  // would take this for a fault of theirs.
  if (!is_right)
    ERR_clear_error();
  return is_right;
}

std::optional<jwt_key_kind> kind_of_curve(const EVP_PKEY* key) {
  std::array<char, 64> name{};
  std::size_t size = 0;
  if (EVP_PKEY_get_group_name(key, name.data(), name.size(), &size) != 1)
    return std::nullopt;
  const bytes_view curve{name.data(), size};
  if (curve == "prime256v1")
    return jwt_key_kind::p256;
  if (curve == "secp384r1")
    return jwt_key_kind::p384;
  if (curve == "secp521r1")
    return jwt_key_kind::p521;
  return std::nullopt;
}

std::optional<jwt_key_kind> kind_of(const EVP_PKEY* key) {
  switch (EVP_PKEY_get_base_id(key)) {
    case EVP_PKEY_RSA:
      return jwt_key_kind::rsa;
    case EVP_PKEY_EC:
      return kind_of_curve(key);
    case EVP_PKEY_ED25519:
    case EVP_PKEY_ED448:
      return jwt_key_kind::edwards;
    default:
      return std::nullopt;
  }
}

} // namespace

std::optional<jwt_algorithm> find_jwt_algorithm(bytes_view name) noexcept {
  for (std::size_t i = 0; i < algorithms.size(); ++i)
    if (algorithms[i].name == name)
      return static_cast<jwt_algorithm>(i);
  return std::nullopt;
}

mqtt::expected<jwt_key, std::string> jwt_key::from_secret(std::string secret) {
  if (secret.size() < secret_size_min)
    return mqtt::unexpected<std::string>("a secret has at least 32 bytes");
  jwt_key made{jwt_key_kind::secret};
  made.secret_ = std::move(secret);
  return made;
}

mqtt::expected<jwt_key, std::string> jwt_key::from_public(evp_pkey_st* key) {
  const std::shared_ptr<evp_pkey_st> owned{key, EVP_PKEY_free};
  const auto kind = key == nullptr ? std::nullopt : kind_of(key);
  if (!kind)
    return mqtt::unexpected<std::string>(
      "not a key for RSA, P-256, P-384, P-521, Ed25519 or Ed448");
  if (*kind == jwt_key_kind::rsa && EVP_PKEY_get_bits(key) < rsa_bits_min)
    return mqtt::unexpected<std::string>(
      "a key for RSA has at least 2048 bits");
  jwt_key made{*kind};
  made.public_key_ = owned;
  return made;
}

bool jwt_key::fits(jwt_algorithm algorithm) const noexcept {
  const auto& facts = facts_of(algorithm);
  return facts.kind == kind_ && only_for.value_or(algorithm) == algorithm
         && (kind_ != jwt_key_kind::secret
             || secret_.size() >= digest_size(facts.hash));
}

bool jwt_key::verify(jwt_algorithm algorithm, bytes_view signed_text,
                     bytes_view signature) const {
  const auto& facts = facts_of(algorithm);
  if (kind_ == jwt_key_kind::secret)
    return equal_in_constant_time(hmac_of(facts.hash, secret_, signed_text),
                                  signature);
  if (facts.half_size == 0)
    return verify_public(public_key_.get(), facts, signed_text, signature);
  const auto der = ecdsa_der(signature, facts.half_size);
  return !der.empty()
         && verify_public(
           public_key_.get(), facts, signed_text,
           {reinterpret_cast<const char*>(der.data()), der.size()});
}

} // namespace hetzel::plugins
