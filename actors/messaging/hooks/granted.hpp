#pragma once

#include "actors/net/accepted_client.hpp"
#include "plugins/api/modifiers.hpp"
#include "protocol/session/limits.hpp"

namespace hetzel::messaging {

/// What a provider granted one client instead of the configuration.
struct granted final : net::client_grants {
  plugins::register_modifiers changes;

  /// Null when nobody granted anything.
  [[nodiscard]] static const plugins::register_modifiers*
  of(const net::accepted_socket& client) noexcept {
    const auto* const made = static_cast<const granted*>(client.grants.get());
    return made ? &made->changes : nullptr;
  }
};

/// What enhanced authentication granted with CONNECT; null: nothing.
[[nodiscard]] inline const plugins::auth_modifiers*
proof_of(const mqtt::connect_request& request) noexcept {
  return static_cast<const plugins::auth_modifiers*>(
    request.auth_granted.get());
}

/// Puts what is about the protocol into `limits`.
void apply(const plugins::register_modifiers& changes,
           mqtt::session_limits& limits) noexcept;

/// Puts what is about CONNECT into the request: user name, Clean Start, expiry
/// and user properties. `limits` are those that the request was made with.
void apply(const plugins::register_modifiers& changes,
           const mqtt::session_limits& limits, mqtt::connect_request& request);

/// The same for a will that `auth_on_publish` changed.
void apply(const plugins::publish_modifiers& changes,
           mqtt::connect_request& request);

} // namespace hetzel::messaging
