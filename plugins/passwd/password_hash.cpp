#include "plugins/passwd/password_hash.hpp"

#include "plugins/crypto/base64.hpp"
#include "plugins/files/text_lines.hpp"

#include <cstddef>
#include <optional>
#include <utility>

namespace hetzel::plugins {

namespace {

using mqtt::bytes_view;
using parsed = mqtt::expected<password_hash, std::string>;

constexpr std::size_t sha512_size = 64;
constexpr std::size_t salt_size_max = 128;
constexpr std::uint32_t iterations_max = 10'000'000;
constexpr std::size_t scrypt_size_min = 16;
constexpr std::size_t scrypt_size_max = 64;

// Of new entries. VerneMQ's and mosquitto's salts have 12 bytes; the rounds
// are what OWASP asks of PBKDF2-HMAC-SHA-512.
constexpr std::size_t old_salt_size = 12;
constexpr std::size_t new_salt_size = 16;
constexpr std::uint32_t new_iterations = 210'000;
constexpr std::size_t new_scrypt_size = 32;

parsed fault(const char* what) {
  return mqtt::unexpected<std::string>(what);
}

struct salted {
  std::string salt;
  std::string hash;
};

/// `<salt>$<hash>`
std::optional<salted> parse_salted(bytes_view text, base64_form form) {
  const auto salt = take_until(text, '$');
  if (!salt)
    return std::nullopt;
  auto salt_bytes = decode_base64(*salt, form);
  auto hash_bytes = decode_base64(text, form);
  if (!salt_bytes || !hash_bytes || salt_bytes->size() > salt_size_max)
    return std::nullopt;
  return salted{std::move(*salt_bytes), std::move(*hash_bytes)};
}

parsed parse_sha512(bytes_view text) {
  auto found = parse_salted(text, base64_form::padded);
  if (!found || found->hash.size() != sha512_size)
    return fault("a $6$ hash is $6$<salt>$<hash> in base64");
  return sha512_hash{std::move(found->salt), std::move(found->hash)};
}

parsed parse_pbkdf2(bytes_view text) {
  const auto rounds = take_until(text, '$');
  const auto number = rounds ? parse_number(*rounds) : std::nullopt;
  if (!number || *number == 0 || *number > iterations_max)
    return fault("a $7$ hash has 1 to 10000000 rounds");
  auto found = parse_salted(text, base64_form::padded);
  if (!found || found->hash.size() != sha512_size)
    return fault("a $7$ hash is $7$<rounds>$<salt>$<hash> in base64");
  return pbkdf2_hash{static_cast<std::uint32_t>(*number),
                     std::move(found->salt), std::move(found->hash)};
}

/// `<name><number>`; 0, which no cost may be, when it is something else.
unsigned parse_cost(bytes_view text, bytes_view name) {
  if (!take_prefix(text, name))
    return 0;
  const auto number = parse_number(text).value_or(0);
  return number <= iterations_max ? static_cast<unsigned>(number) : 0;
}

parsed parse_scrypt(bytes_view text) {
  const auto log_n = take_until(text, ',').value_or(bytes_view{});
  const auto r = take_until(text, ',').value_or(bytes_view{});
  const auto p = take_until(text, '$').value_or(bytes_view{});
  const scrypt_cost cost{parse_cost(log_n, "ln="), parse_cost(r, "r="),
                         parse_cost(p, "p=")};
  if (!is_bearable(cost))
    return fault("a $scrypt$ hash has ln=<n>,r=<r>,p=<p> that need at most "
                 "256 MiB");
  auto found = parse_salted(text, base64_form::bare);
  if (!found || found->hash.size() < scrypt_size_min
      || found->hash.size() > scrypt_size_max)
    return fault("a $scrypt$ hash ends with <salt>$<hash> in base64 without "
                 "=");
  return scrypt_hash{cost, std::move(found->salt), std::move(found->hash)};
}

// -- the three schemes, by overload -------------------------------------------

std::string recompute(const sha512_hash& from, bytes_view password) {
  std::string salted_password{password};
  salted_password += from.salt;
  auto hash = hash_of(digest::sha512, salted_password);
  wipe(salted_password);
  return hash;
}

std::string recompute(const pbkdf2_hash& from, bytes_view password) {
  return pbkdf2_of(digest::sha512, password, {from.salt, from.iterations},
                   from.hash.size());
}

std::string recompute(const scrypt_hash& from, bytes_view password) {
  return scrypt_of(password, from.salt, from.cost, from.hash.size());
}

std::string format(const sha512_hash& from) {
  return "$6$" + encode_base64(from.salt) + "$" + encode_base64(from.hash);
}

std::string format(const pbkdf2_hash& from) {
  return "$7$" + std::to_string(from.iterations) + "$"
         + encode_base64(from.salt) + "$" + encode_base64(from.hash);
}

std::string format(const scrypt_hash& from) {
  return "$scrypt$ln=" + std::to_string(from.cost.log_n)
         + ",r=" + std::to_string(from.cost.r)
         + ",p=" + std::to_string(from.cost.p) + "$"
         + encode_base64(from.salt, base64_form::bare) + "$"
         + encode_base64(from.hash, base64_form::bare);
}

password_hash fresh(password_scheme scheme) {
  const auto empty_hash = [](std::size_t size) {
    return std::string(size, '\0');
  };
  switch (scheme) {
    case password_scheme::scrypt:
      return scrypt_hash{{}, random_bytes(new_salt_size),
                         empty_hash(new_scrypt_size)};
    case password_scheme::pbkdf2:
      return pbkdf2_hash{new_iterations, random_bytes(new_salt_size),
                         empty_hash(sha512_size)};
    case password_scheme::sha512:
      return sha512_hash{random_bytes(old_salt_size), empty_hash(sha512_size)};
  }
  return {};
}

} // namespace

parsed parse_password_hash(bytes_view text) {
  if (take_prefix(text, "$6$"))
    return parse_sha512(text);
  if (take_prefix(text, "$7$"))
    return parse_pbkdf2(text);
  if (take_prefix(text, "$scrypt$"))
    return parse_scrypt(text);
  return fault("a hash begins with $6$, $7$ or $scrypt$; hetzel-passwd -U "
               "turns passwords into hashes");
}

std::string format_password_hash(const password_hash& from) {
  return std::visit([](const auto& one) { return format(one); }, from);
}

password_hash hash_password(password_scheme scheme, bytes_view password) {
  auto made = fresh(scheme);
  std::visit([&](auto& one) { one.hash = recompute(one, password); }, made);
  return made;
}

bool verify_password(const password_hash& expected, bytes_view password) {
  return std::visit(
    [&](const auto& one) {
      return equal_in_constant_time(recompute(one, password), one.hash);
    },
    expected);
}

bool is_slow(const password_hash& hash) noexcept {
  return !std::holds_alternative<sha512_hash>(hash);
}

} // namespace hetzel::plugins
