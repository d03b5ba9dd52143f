#pragma once

#include "protocol/basic_types.hpp"

#include <cstddef>
#include <cstdint>
#include <string>

/// OpenSSL's digests and key derivations over byte strings. What OpenSSL cannot
/// do for want of memory is a broken invariant (HETZEL_ASSERT).

namespace hetzel::plugins {

enum class digest : unsigned char { sha256, sha384, sha512 };

/// Bytes: 32, 48, 64.
[[nodiscard]] std::size_t digest_size(digest kind) noexcept;

[[nodiscard]] std::string hash_of(digest kind, mqtt::bytes_view bytes);

[[nodiscard]] std::string hmac_of(digest kind, mqtt::bytes_view key,
                                  mqtt::bytes_view bytes);

/// What makes guessing slow, and the salt against tables.
struct pbkdf2_cost {
  mqtt::bytes_view salt;
  /// 1…
  std::uint32_t iterations = 1;
};

/// PBKDF2-HMAC (RFC 8018, 5.2); `size` bytes.
[[nodiscard]] std::string pbkdf2_of(digest kind, mqtt::bytes_view password,
                                    const pbkdf2_cost& cost, std::size_t size);

/// RFC 7914. Memory while it runs: 128 · 2^log_n · r bytes.
struct scrypt_cost {
  unsigned log_n = 15;
  unsigned r = 8;
  unsigned p = 1;

  bool operator==(const scrypt_cost&) const = default;
};

/// Precondition: `is_bearable(cost)`.
[[nodiscard]] std::string scrypt_of(mqtt::bytes_view password,
                                    mqtt::bytes_view salt,
                                    const scrypt_cost& cost, std::size_t size);

/// At most 256 MiB and 16 times the default's work, so that no file makes a
/// worker stand still.
[[nodiscard]] bool is_bearable(const scrypt_cost& cost) noexcept;

/// Takes as long for equal as for different bytes; sizes are no secret.
[[nodiscard]] bool equal_in_constant_time(mqtt::bytes_view a,
                                          mqtt::bytes_view b) noexcept;

/// From the system's generator.
[[nodiscard]] std::string random_bytes(std::size_t size);

/// Overwrites a secret before its memory is used again; empties it.
void wipe(std::string& secret) noexcept;

} // namespace hetzel::plugins
