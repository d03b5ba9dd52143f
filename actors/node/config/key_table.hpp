#pragma once

#include "actors/node/config/node_config.hpp"
#include "actors/node/config/value.hpp"

#include <array>
#include <span>
#include <string_view>

/// The table of keys: what can be configured, as data. Everything else here
/// (reading, checking, describing, reloading) only walks over it.

namespace hetzel::node {

/// A key and where its value goes; `store` is null for a key that is accepted
/// for VerneMQ's sake and has no effect.
template <class Target>
struct config_key {
  key_facts facts;
  void (*store)(Target& to, const value& from) = nullptr;
};

/// The levels above the single listener at which an option can stand too.
enum class inherits_from : unsigned char { nothing, kind, kind_and_root };

/// Sets of kinds of listeners, as bits by `net::listener_kind`.
using kind_set = unsigned char;

[[nodiscard]] constexpr kind_set set_of(net::listener_kind kind) noexcept {
  return static_cast<kind_set>(1U << static_cast<unsigned>(kind));
}

inline constexpr kind_set any_kind = 0xFF;
inline constexpr kind_set websocket_kinds
  = set_of(net::listener_kind::ws) | set_of(net::listener_kind::wss);
inline constexpr kind_set tls_kinds
  = set_of(net::listener_kind::ssl) | set_of(net::listener_kind::wss);

struct listener_option {
  config_key<net::listener_config> key;
  inherits_from levels{};
  /// The kinds that have it.
  kind_set kinds = any_kind;
};

/// Keys that stand alone, grouped as in etc/hetzel.yaml.
[[nodiscard]] std::span<const config_key<node_config>> node_keys() noexcept;
[[nodiscard]] std::span<const config_key<node_config>> session_keys() noexcept;
[[nodiscard]] std::span<const config_key<node_config>> overload_keys() noexcept;
[[nodiscard]] std::span<const config_key<node_config>> guard_keys() noexcept;

/// All of these.
[[nodiscard]] inline std::array<std::span<const config_key<node_config>>, 4>
single_keys() noexcept {
  return {node_keys(), session_keys(), overload_keys(), guard_keys()};
}

/// Options of a listener, those that all kinds have first; names without
/// `listeners.<kind>.<name>.` in front.
[[nodiscard]] std::span<const std::span<const listener_option>>
listener_options() noexcept;

/// The groups of it.
[[nodiscard]] std::span<const listener_option>
general_listener_options() noexcept;
[[nodiscard]] std::span<const listener_option>
socket_listener_options() noexcept;
[[nodiscard]] std::span<const listener_option>
websocket_listener_options() noexcept;
[[nodiscard]] std::span<const listener_option> tls_listener_options() noexcept;

/// A key of another product or of an older version, and what became of it.
struct retired_key {
  std::string_view name;
  std::string_view advice;
};

[[nodiscard]] std::span<const retired_key> retired_keys() noexcept;

} // namespace hetzel::node
