#pragma once

#include "actors/node/config/value.hpp"

#include <chrono>
#include <filesystem>
#include <optional>
#include <string>
#include <type_traits>

/// From a checked value to the field of a struct.

namespace hetzel::node {

template <class T>
inline constexpr bool is_optional = false;
template <class T>
inline constexpr bool is_optional<std::optional<T>> = true;

template <class T>
inline constexpr bool is_duration = false;
template <class Rep, class Period>
inline constexpr bool is_duration<std::chrono::duration<Rep, Period>> = true;

/// The number of a value counts milliseconds when it is a duration, seconds
/// when it is an expiry; `Unit` tells which.
template <class T, class Unit>
T convert(const value& from) {
  if constexpr (is_optional<T>) {
    if (from.off)
      return std::nullopt;
    return convert<typename T::value_type, Unit>(from);
  } else if constexpr (is_duration<T>) {
    return std::chrono::duration_cast<T>(Unit{from.number});
  } else if constexpr (std::is_same_v<T, bool>) {
    return from.number != 0;
  } else if constexpr (std::is_constructible_v<T, std::string>) {
    return from.text;
  } else {
    // The range in the table is within T's.
    return static_cast<T>(from.number);
  }
}

/// Stores into the field that `Path`, pointers to members, leads to.
template <auto... Path>
void store(auto& to, const value& from) {
  auto& field = (to.*....*Path);
  field
    = convert<std::remove_cvref_t<decltype(field)>, std::chrono::milliseconds>(
      from);
}

template <auto... Path>
void store_seconds(auto& to, const value& from) {
  auto& field = (to.*....*Path);
  field = convert<std::remove_cvref_t<decltype(field)>, std::chrono::seconds>(
    from);
}

} // namespace hetzel::node
