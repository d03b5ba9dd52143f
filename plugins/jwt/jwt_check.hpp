#pragma once

#include "plugins/acl/acl_index.hpp"
#include "plugins/jwt/jwt_key_set.hpp"
#include "plugins/jwt/jwt_token.hpp"

#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace hetzel::plugins {

/// What tokens must hold. Empty texts: not looked at.
struct jwt_options {
  /// Differences between clocks that are borne; 0…1 h.
  std::chrono::seconds leeway{30};
  /// A token without `exp` is refused.
  bool expiry_required = true;
  std::string issuer{};
  std::string audience{};
  /// The claim that becomes the user name; with none it stays that of CONNECT.
  std::string user_claim = "sub";
  /// CONNECT's user name must be the one of that claim.
  bool must_match_user = false;
  /// The claim that must be the client id.
  std::string client_id_claim{};
  /// The claim with what the client may publish and subscribe to.
  std::string acl_claim = "acl";
  /// Empty: every one that a key is there for.
  std::vector<jwt_algorithm> algorithms{};
};

/// Who presents a token.
struct jwt_bearer {
  mqtt::bytes_view client_id;
  std::optional<mqtt::bytes_view> user_name;
};

/// What a valid token gives to its bearer.
struct jwt_grant {
  /// Nullopt: as in CONNECT.
  std::optional<std::string> user_name;
  /// Nullopt: never.
  std::optional<std::chrono::system_clock::time_point> expires;
  /// Null: the token says nothing about topics. Otherwise it alone does.
  std::shared_ptr<const acl_index> acl;
};

inline constexpr std::size_t jwt_candidates_max = 8;

/// What a token is held against.
struct jwt_rules {
  jwt_key_set keys;
  jwt_options options;
};

/// Whether the password of a client is a token that lets it in. Tries at most
/// `jwt_candidates_max` keys. Takes some microseconds with HMAC, up to half a
/// millisecond with P-521.
[[nodiscard]] mqtt::expected<jwt_grant, jwt_fault>
check_jwt(mqtt::bytes_view token, const jwt_bearer& bearer,
          const jwt_rules& rules,
          std::chrono::system_clock::time_point now);

} // namespace hetzel::plugins
