#pragma once

#include "plugins/crypto/digest.hpp"
#include "protocol/expected.hpp"

#include <cstdint>
#include <string>
#include <variant>

/// The hash of a password as it stands behind `user:` in a password file:
///
///   $6$<salt>$<hash>               VerneMQ, mosquitto before 2.0: one round of
///                                  SHA-512 over password and salt
///   $7$<rounds>$<salt>$<hash>      mosquitto: PBKDF2-HMAC-SHA-512, 64 bytes
///   $scrypt$ln=<n>,r=<r>,p=<p>$<salt>$<hash>
///                                  RFC 7914 with N = 2^n
///
/// Salt and hash are base64; with `$scrypt$` without the `=` at the end.

namespace hetzel::plugins {

struct sha512_hash {
  std::string salt;
  std::string hash;
};

struct pbkdf2_hash {
  /// 1…10,000,000
  std::uint32_t iterations = 1;
  std::string salt;
  std::string hash;
};

struct scrypt_hash {
  scrypt_cost cost;
  std::string salt;
  /// 16…64 bytes.
  std::string hash;
};

using password_hash = std::variant<sha512_hash, pbkdf2_hash, scrypt_hash>;

/// How a new password is hashed.
enum class password_scheme : unsigned char { scrypt, pbkdf2, sha512 };

/// The error says what is wrong with `text` and cites nothing of it.
[[nodiscard]] mqtt::expected<password_hash, std::string>
parse_password_hash(mqtt::bytes_view text);

[[nodiscard]] std::string format_password_hash(const password_hash& from);

/// With a new salt and the default cost. Scrypt: 32 MiB for about 0.1 s.
[[nodiscard]] password_hash hash_password(password_scheme scheme,
                                          mqtt::bytes_view password);

/// Whether `password` is the one that was hashed. Compares in constant time.
[[nodiscard]] bool verify_password(const password_hash& expected,
                                   mqtt::bytes_view password);

/// Whether `verify_password` takes so long that no thread which serves other
/// clients may call it. `$6$` takes about a microsecond.
[[nodiscard]] bool is_slow(const password_hash& hash) noexcept;

} // namespace hetzel::plugins
