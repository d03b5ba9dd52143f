#pragma once

#include "plugins/api/modifier_value.hpp"

#include <chrono>
#include <concepts>
#include <cstdint>
#include <limits>
#include <optional>
#include <string>

/// Single values of modifiers, from whatever they came as. False: of the wrong
/// type or out of range.

namespace hetzel::plugins {

[[nodiscard]] bool read(const modifier_value& from, bool& to) noexcept;
[[nodiscard]] bool read(const modifier_value& from, std::int64_t& to) noexcept;
[[nodiscard]] bool read(const modifier_value& from, std::string& to);
[[nodiscard]] bool read(const modifier_value& from, queue_kind& to) noexcept;
[[nodiscard]] bool read(const modifier_value& from, share_choice& to) noexcept;
[[nodiscard]] bool read(const modifier_value& from, mqtt::qos& to) noexcept;
[[nodiscard]] bool read(const modifier_value& from,
                        mqtt::retain_handling& to) noexcept;
/// A name, or a number.
[[nodiscard]] bool read(const modifier_value& from,
                        mqtt::reason_code& to) noexcept;
[[nodiscard]] bool read(const modifier_value& from, subscriber_id& to);
/// Of pairs: {key, val}, one entry per map, or [key, val].
[[nodiscard]] bool read(const modifier_value& from, user_properties& to);

template <std::unsigned_integral T>
[[nodiscard]] bool read(const modifier_value& from, T& to) noexcept {
  std::int64_t number = 0;
  if (!read(from, number) || number < 0
      || number > std::int64_t{std::numeric_limits<T>::max()})
    return false;
  to = static_cast<T>(number);
  return true;
}

template <class Rep, class Period>
[[nodiscard]] bool read(const modifier_value& from,
                        std::chrono::duration<Rep, Period>& to) noexcept {
  std::uint32_t number = 0;
  if (!read(from, number))
    return false;
  to = std::chrono::duration<Rep, Period>{number};
  return true;
}

template <class T>
[[nodiscard]] bool read(const modifier_value& from, std::optional<T>& to) {
  return read(from, to.emplace());
}

/// A name and where its value goes.
template <class Target>
struct modifier_row {
  std::string_view name;
  bool (*store)(Target& to, const modifier_value& from);
};

template <auto Member>
[[nodiscard]] bool store(auto& to, const modifier_value& from) {
  return read(from, to.*Member);
}

/// Stores all of `from` by `rows`; the error names the first that has no row,
/// or does not fit it.
template <class Target, class Rows>
[[nodiscard]] mqtt::expected<void, std::string>
read_all(const modifier_value::map& from, const Rows& rows, Target& to) {
  for (const auto& [name, value] : from) {
    const modifier_row<Target>* known = nullptr;
    for (const auto& row : rows)
      if (row.name == name)
        known = &row;
    if (!known)
      return mqtt::unexpected("can't validate modifier " + name
                              + ": it is unknown");
    if (!known->store(to, value))
      return mqtt::unexpected("can't validate modifier " + name
                              + ": its value does not fit");
  }
  return {};
}

} // namespace hetzel::plugins
