#pragma once

#include "actors/node/config/node_config.hpp"
#include "actors/node/config/value.hpp"

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

struct listener_option {
  config_key<net::listener_config> key;
  inherits_from levels{};
};

/// Keys that stand alone, grouped as in etc/hetzel.yaml.
[[nodiscard]] std::span<const config_key<node_config>> node_keys() noexcept;
[[nodiscard]] std::span<const config_key<node_config>> session_keys() noexcept;

/// Options of a listener; names without `listeners.tcp.<name>.` in front.
[[nodiscard]] std::span<const listener_option> listener_options() noexcept;

/// A key of another product or of an older version, and what became of it.
struct retired_key {
  std::string_view name;
  std::string_view advice;
};

[[nodiscard]] std::span<const retired_key> retired_keys() noexcept;

} // namespace hetzel::node
