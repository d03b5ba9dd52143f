#include "plugins/crypto/digest.hpp"

#include "protocol/assert.hpp"

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/kdf.h>
#include <openssl/rand.h>

namespace hetzel::plugins {

namespace {

const EVP_MD* method_of(digest kind) noexcept {
  switch (kind) {
    case digest::sha256:
      return EVP_sha256();
    case digest::sha384:
      return EVP_sha384();
    case digest::sha512:
      return EVP_sha512();
  }
  return nullptr;
}

const unsigned char* bytes_of(mqtt::bytes_view text) noexcept {
  // OpenSSL takes null for "no such argument", which an empty one is not.
  static constexpr unsigned char none = 0;
  return text.empty() ? &none
                      : reinterpret_cast<const unsigned char*>(text.data());
}

unsigned char* bytes_of(std::string& text) noexcept {
  return reinterpret_cast<unsigned char*>(text.data());
}

constexpr std::uint64_t scrypt_memory(const scrypt_cost& cost) noexcept {
  return (std::uint64_t{128} * cost.r) << cost.log_n;
}

} // namespace

std::size_t digest_size(digest kind) noexcept {
  return static_cast<std::size_t>(EVP_MD_get_size(method_of(kind)));
}

std::string hash_of(digest kind, mqtt::bytes_view bytes) {
  std::string out(digest_size(kind), '\0');
  unsigned size = 0;
  HETZEL_ASSERT(EVP_Digest(bytes.data(), bytes.size(), bytes_of(out), &size,
                           method_of(kind), nullptr)
                == 1);
  return out;
}

std::string hmac_of(digest kind, mqtt::bytes_view key,
                    mqtt::bytes_view bytes) {
  std::string out(digest_size(kind), '\0');
  unsigned size = 0;
  HETZEL_ASSERT(HMAC(method_of(kind), bytes_of(key),
                     static_cast<int>(key.size()), bytes_of(bytes),
                     bytes.size(), bytes_of(out), &size)
                != nullptr);
  return out;
}

std::string pbkdf2_of(digest kind, mqtt::bytes_view password,
                      const pbkdf2_cost& cost, std::size_t size) {
  std::string out(size, '\0');
  HETZEL_ASSERT(
    PKCS5_PBKDF2_HMAC(reinterpret_cast<const char*>(bytes_of(password)),
                      static_cast<int>(password.size()), bytes_of(cost.salt),
                      static_cast<int>(cost.salt.size()),
                      static_cast<int>(cost.iterations), method_of(kind),
                      static_cast<int>(size), bytes_of(out))
    == 1);
  return out;
}

std::string scrypt_of(mqtt::bytes_view password, mqtt::bytes_view salt,
                      const scrypt_cost& cost, std::size_t size) {
  HETZEL_ASSERT(is_bearable(cost));
  // OpenSSL counts its working blocks too.
  const auto memory_max = 2 * scrypt_memory(cost) + (1U << 20U);
  std::string out(size, '\0');
  HETZEL_ASSERT(
    EVP_PBE_scrypt(reinterpret_cast<const char*>(bytes_of(password)),
                   password.size(), bytes_of(salt), salt.size(),
                   std::uint64_t{1} << cost.log_n, cost.r, cost.p, memory_max,
                   bytes_of(out), size)
    == 1);
  return out;
}

bool is_bearable(const scrypt_cost& cost) noexcept {
  constexpr std::uint64_t memory_max = 256U << 20U;
  const auto within = [](unsigned value, unsigned max) {
    return value >= 1 && value <= max;
  };
  if (!within(cost.log_n, 20) || !within(cost.r, 32) || !within(cost.p, 16))
    return false;
  const auto memory = scrypt_memory(cost);
  return memory <= memory_max
         && memory * cost.p <= 16 * scrypt_memory(scrypt_cost{});
}

bool equal_in_constant_time(mqtt::bytes_view a, mqtt::bytes_view b) noexcept {
  return a.size() == b.size()
         && CRYPTO_memcmp(a.data(), b.data(), a.size()) == 0;
}

std::string random_bytes(std::size_t size) {
  std::string out(size, '\0');
  HETZEL_ASSERT(RAND_bytes(bytes_of(out), static_cast<int>(size)) == 1);
  return out;
}

void wipe(std::string& secret) noexcept {
  OPENSSL_cleanse(secret.data(), secret.size());
  secret.clear();
}

} // namespace hetzel::plugins
