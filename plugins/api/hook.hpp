#pragma once

#include "protocol/basic_types.hpp"

#include <array>
#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <optional>
#include <string_view>

/// The hooks of the broker: where a plugin is asked or told. Names and
/// meanings are VerneMQ's (spec plugins-and-hooks.md, 2 to 4).

namespace hetzel::plugins {

/// One enumerator per pair of VerneMQ's names: `auth_on_publish` is
/// `auth_on_publish` of 3.x and `auth_on_publish_m5`; `hook_form` tells which.
enum class hook : unsigned char {
  // -- decisions: the first provider that does not say `next` decides ---------
  auth_on_register,  ///< CONNECT, unless the client is anonymous
  auth_on_publish,   ///< PUBLISH, and the will of a CONNECT
  auth_on_subscribe, ///< SUBSCRIBE
  on_auth,           ///< a step of enhanced authentication; 5.0 only
  // -- changes: the same, but nobody refuses ----------------------------------
  on_unsubscribe, ///< UNSUBSCRIBE, before the removal
  on_deliver,     ///< before a PUBLISH is sent
  // -- notifications: every provider is told, nobody waits --------------------
  on_register,           ///< after CONNACK
  on_publish,            ///< after an authorised PUBLISH was routed
  on_subscribe,          ///< after the subscriptions are stored
  on_offline_message,    ///< QoS 1 or 2 for a client that is away
  on_client_wakeup,      ///< a connection took up its Session
  on_client_offline,     ///< its Session goes on without a connection
  on_client_gone,        ///< its Session ended with the connection
  on_session_expired,    ///< its Session ended by expiry
  on_message_drop,       ///< a queue dropped a message
  on_topic_unsubscribed, ///< subscriptions were removed
  on_config_change,      ///< settings changed while the node runs
  count_                 ///< number of hooks, not one of them
};

inline constexpr std::size_t hooks_count
  = static_cast<std::size_t>(hook::count_);

/// Which of a hook's two names: a 3.x hook is never called for a 5.0 client
/// and the other way round. Hooks with one name have both forms.
enum class hook_form : unsigned char { v3, v5 };

[[nodiscard]] constexpr hook_form
form_of(mqtt::protocol_version version) noexcept {
  return version == mqtt::protocol_version::v5 ? hook_form::v5 : hook_form::v3;
}

/// What a hook is for; the first two are the sets that a listener's
/// `auth_plugins` and `authz_plugins` restrict and order.
enum class hook_family : unsigned char {
  authentication,
  authorisation,
  change,
  notification,
};

[[nodiscard]] constexpr hook_family family_of(hook which) noexcept {
  if (which == hook::auth_on_register || which == hook::on_auth)
    return hook_family::authentication;
  if (which < hook::on_auth)
    return hook_family::authorisation;
  return which < hook::on_register ? hook_family::change
                                   : hook_family::notification;
}

/// VerneMQ's name, e.g. "auth_on_publish_m5"; empty for `on_auth` of 3.x,
/// which does not exist.
[[nodiscard]] std::string_view name_of(hook which, hook_form form) noexcept;

/// A set of hooks, each in one form or both.
class hook_set {
public:
  constexpr hook_set() = default;

  /// Both forms of each.
  constexpr hook_set(std::initializer_list<hook> both) noexcept {
    for (const auto one : both)
      insert(one);
  }

  constexpr hook_set& insert(hook which) noexcept {
    return insert(which, hook_form::v3).insert(which, hook_form::v5);
  }
  constexpr hook_set& insert(hook which, hook_form form) noexcept {
    bits_[index(form)] |= bit(which);
    return *this;
  }
  constexpr hook_set& insert(hook_set others) noexcept {
    bits_[0] |= others.bits_[0];
    bits_[1] |= others.bits_[1];
    return *this;
  }

  [[nodiscard]] constexpr bool contains(hook which,
                                        hook_form form) const noexcept {
    return (bits_[index(form)] & bit(which)) != 0;
  }
  [[nodiscard]] constexpr bool empty() const noexcept {
    return (bits_[0] | bits_[1]) == 0;
  }

  /// Those of them that belong to that family.
  [[nodiscard]] constexpr hook_set only(hook_family family) const noexcept {
    hook_set kept;
    for (std::size_t i = 0; i < hooks_count; ++i) {
      const auto which = static_cast<hook>(i);
      for (const auto form : {hook_form::v3, hook_form::v5})
        if (family_of(which) == family && contains(which, form))
          kept.insert(which, form);
    }
    return kept;
  }

  bool operator==(const hook_set&) const = default;

private:
  [[nodiscard]] static constexpr std::uint32_t bit(hook which) noexcept {
    return std::uint32_t{1} << static_cast<unsigned>(which);
  }
  [[nodiscard]] static constexpr std::size_t index(hook_form form) noexcept {
    return static_cast<std::size_t>(form);
  }

  std::array<std::uint32_t, 2> bits_{};
};

/// What a name stands for: both forms when it is that of a hook which does not
/// depend on the protocol version. nullopt: there is no such hook.
struct named_hook {
  hook which{};
  hook_set forms;
};

[[nodiscard]] std::optional<named_hook>
find_hook(std::string_view name) noexcept;

} // namespace hetzel::plugins
