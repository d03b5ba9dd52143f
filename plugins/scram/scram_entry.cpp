#include "plugins/scram/scram_entry.hpp"

#include "plugins/crypto/base64.hpp"
#include "plugins/files/text_lines.hpp"

#include <cstddef>
#include <utility>

namespace hetzel::plugins {

namespace {

using mqtt::bytes_view;

constexpr bytes_view sha256_name = "SCRAM-SHA-256";
constexpr bytes_view sha512_name = "SCRAM-SHA-512";

// RFC 7677, 4: at least 4,096.
constexpr std::uint64_t iterations_min = 4'096;
constexpr std::uint64_t iterations_max = 10'000'000;
constexpr std::size_t salt_size_min = 8;
constexpr std::size_t salt_size_max = 128;

std::optional<std::string> decode_key(bytes_view text, digest kind) {
  auto key = decode_base64(text);
  return key && key->size() == digest_size(kind) ? key : std::nullopt;
}

/// `<iterations>:<salt>`
std::optional<scram_credentials> parse_salted(bytes_view text) {
  const auto digits = take_until(text, ':');
  const auto iterations = digits ? parse_number(*digits) : std::nullopt;
  auto salt = decode_base64(text);
  if (!iterations || *iterations < iterations_min
      || *iterations > iterations_max || !salt
      || salt->size() < salt_size_min || salt->size() > salt_size_max)
    return std::nullopt;
  scram_credentials made;
  made.iterations = static_cast<std::uint32_t>(*iterations);
  made.salt = std::move(*salt);
  return made;
}

} // namespace

bytes_view name_of(scram_mechanism mechanism) noexcept {
  return mechanism == scram_mechanism::sha256 ? sha256_name : sha512_name;
}

std::optional<scram_mechanism> find_mechanism(bytes_view name) noexcept {
  if (name == sha256_name)
    return scram_mechanism::sha256;
  if (name == sha512_name)
    return scram_mechanism::sha512;
  return std::nullopt;
}

digest digest_of(scram_mechanism mechanism) noexcept {
  return mechanism == scram_mechanism::sha256 ? digest::sha256
                                              : digest::sha512;
}

scram_entry derive_scram(scram_mechanism mechanism, bytes_view password,
                         const pbkdf2_cost& salted) {
  const auto kind = digest_of(mechanism);
  auto salted_password = pbkdf2_of(kind, password, salted, digest_size(kind));
  auto client_key = hmac_of(kind, salted_password, "Client Key");
  scram_entry made{mechanism,
                   {salted.iterations, std::string{salted.salt},
                    hash_of(kind, client_key),
                    hmac_of(kind, salted_password, "Server Key")}};
  wipe(salted_password);
  wipe(client_key);
  return made;
}

bool is_scram_entry(bytes_view text) noexcept {
  return text.starts_with("SCRAM-");
}

mqtt::expected<scram_entry, std::string> parse_scram_entry(bytes_view text) {
  const auto fault = [](const char* what) {
    return mqtt::unexpected<std::string>(what);
  };
  const auto name = take_until(text, '$');
  const auto mechanism = name ? find_mechanism(*name) : std::nullopt;
  if (!mechanism)
    return fault("an entry begins with SCRAM-SHA-256$ or SCRAM-SHA-512$");
  const auto salted = take_until(text, '$');
  auto credentials = salted ? parse_salted(*salted) : std::nullopt;
  if (!credentials)
    return fault("behind the mechanism stand <iterations>:<salt>$ with 4096 "
                 "to 10000000 iterations and a salt of 8 to 128 bytes in "
                 "base64");
  const auto stored = take_until(text, ':');
  auto stored_key = stored ? decode_key(*stored, digest_of(*mechanism))
                           : std::nullopt;
  auto server_key = decode_key(text, digest_of(*mechanism));
  if (!stored_key || !server_key)
    return fault("an entry ends with <StoredKey>:<ServerKey> in base64");
  credentials->stored_key = std::move(*stored_key);
  credentials->server_key = std::move(*server_key);
  return scram_entry{*mechanism, std::move(*credentials)};
}

std::string format_scram_entry(const scram_entry& entry) {
  const auto& kept = entry.credentials;
  return std::string{name_of(entry.mechanism)} + "$"
         + std::to_string(kept.iterations) + ":" + encode_base64(kept.salt)
         + "$" + encode_base64(kept.stored_key) + ":"
         + encode_base64(kept.server_key);
}

} // namespace hetzel::plugins
