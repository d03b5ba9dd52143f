#pragma once

#include "plugins/jwt/jwt_fault.hpp"
#include "plugins/jwt/jwt_key.hpp"
#include "protocol/expected.hpp"

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace hetzel::plugins {

/// Longer tokens are refused unread.
inline constexpr std::size_t jwt_size_max = 16'384;

/// A JSON Web Token in the compact form of JWS (RFC 7515, 3.1), taken apart.
struct jwt_token {
  jwt_algorithm algorithm{};
  /// `kid`; empty: it names no key.
  std::string key_id;
  /// What the signature is over; a view of the token.
  mqtt::bytes_view signed_text;
  std::string signature;
  /// JSON, not looked at yet.
  std::string payload;
};

/// `text` must outlive the token. A header with `crit` is refused, since no
/// extension is known here.
[[nodiscard]] mqtt::expected<jwt_token, jwt_fault>
parse_jwt(mqtt::bytes_view text);

/// Topic filters with %m, %c and %u as in patterns of an ACL file.
struct jwt_acl {
  std::vector<std::string> publish;
  std::vector<std::string> subscribe;
};

/// The claims of a payload that can matter here.
struct jwt_claims {
  /// Seconds since 1970: `exp`, `nbf`, `iat`.
  std::optional<std::int64_t> expires;
  std::optional<std::int64_t> not_before;
  std::optional<std::int64_t> issued;
  std::vector<std::string> audience;
  /// All claims that are strings, `iss` and `sub` among them.
  std::map<std::string, std::string, std::less<>> texts;
  std::optional<jwt_acl> acl;
};

/// `acl_claim` names the claim with the lists, e.g. "acl":
/// {"publish": ["a/%c/#"], "subscribe": […], "all": […]}; "pub" and "sub" are
/// short for the first two.
[[nodiscard]] mqtt::expected<jwt_claims, jwt_fault>
parse_jwt_claims(mqtt::bytes_view payload, mqtt::bytes_view acl_claim);

} // namespace hetzel::plugins
