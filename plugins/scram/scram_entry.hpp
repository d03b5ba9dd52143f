#pragma once

#include "plugins/crypto/digest.hpp"
#include "protocol/expected.hpp"

#include <cstdint>
#include <optional>
#include <string>

/// What a server keeps of a password for SCRAM (RFC 5802, 5.1), which does not
/// suffice to log in with. As text, in the form of RFC 5803:
///
///   SCRAM-SHA-256$<iterations>:<salt>$<StoredKey>:<ServerKey>
///
/// with the three in base64. Passwords are taken as the bytes that they are:
/// clients that normalise (SASLprep) agree with it on ASCII.

namespace hetzel::plugins {

enum class scram_mechanism : unsigned char { sha256, sha512 };

/// As in the Authentication Method of CONNECT (RFC 7677): "SCRAM-SHA-256".
[[nodiscard]] mqtt::bytes_view name_of(scram_mechanism mechanism) noexcept;

[[nodiscard]] std::optional<scram_mechanism>
find_mechanism(mqtt::bytes_view name) noexcept;

[[nodiscard]] digest digest_of(scram_mechanism mechanism) noexcept;

struct scram_credentials {
  /// 4,096…10,000,000
  std::uint32_t iterations = 0;
  /// 8…128 bytes.
  std::string salt;
  std::string stored_key;
  std::string server_key;
};

struct scram_entry {
  scram_mechanism mechanism{};
  scram_credentials credentials;
};

/// With which a new password is hashed.
inline constexpr std::uint32_t scram_new_iterations = 15'000;

/// Takes milliseconds. `salted` has the salt and the iterations.
[[nodiscard]] scram_entry derive_scram(scram_mechanism mechanism,
                                       mqtt::bytes_view password,
                                       const pbkdf2_cost& salted);

/// Whether it looks like an entry, maybe a broken one.
[[nodiscard]] bool is_scram_entry(mqtt::bytes_view text) noexcept;

/// The error says what is wrong and cites nothing of it.
[[nodiscard]] mqtt::expected<scram_entry, std::string>
parse_scram_entry(mqtt::bytes_view text);

[[nodiscard]] std::string format_scram_entry(const scram_entry& entry);

} // namespace hetzel::plugins
