#pragma once

#include "protocol/expected_storage.hpp"

#include <exception>
#include <optional>
#include <type_traits>
#include <utility>

/// A value or the reason why there is none, in the spelling of C++23's
/// `std::expected`, so that a later switch is a change of one header:
///
///   expected<int, errc> parse(std::string_view text) {
///     if (text.empty())
///       return unexpected(errc::empty);
///     return 7;
///   }
///
/// It is as trivial (to copy, to destroy) as its two types are. `*`, `->` and
/// `error()` have the precondition that what they name is there.

namespace hetzel::mqtt {

/// Marks a value as the error of an `expected`.
template <class E>
class unexpected {
public:
  constexpr explicit unexpected(E error) : error_(std::move(error)) {}

  [[nodiscard]] constexpr const E& error() const& noexcept { return error_; }
  [[nodiscard]] constexpr E& error() & noexcept { return error_; }
  [[nodiscard]] constexpr E&& error() && noexcept { return std::move(error_); }

  bool operator==(const unexpected&) const = default;

private:
  E error_;
};

template <class E>
unexpected(E) -> unexpected<E>;

/// Thrown by `value()` when there is an error instead.
template <class E>
class bad_expected_access : public std::exception {
public:
  explicit bad_expected_access(E error) : error_(std::move(error)) {}

  [[nodiscard]] const E& error() const noexcept { return error_; }

  [[nodiscard]] const char* what() const noexcept override {
    return "expected holds an error";
  }

private:
  E error_;
};

/// Whether a `U` becomes the value of an `Expected` of `T`: anything that T is
/// made from, but not what chooses another constructor.
template <class U, class T, class Expected>
concept expected_value
  = std::is_constructible_v<T, U>
    && !std::is_same_v<std::remove_cvref_t<U>, Expected>
    && !std::is_same_v<std::remove_cvref_t<U>, std::in_place_t>;

template <class T, class E>
class [[nodiscard]] expected {
public:
  using value_type = T;
  using error_type = E;
  using unexpected_type = unexpected<E>;

  constexpr expected() requires std::is_default_constructible_v<T>
    : state_(std::in_place) {}

  /// The one addition to the standard: a value with just its members' default
  /// initialisers, for a function that fills it where its caller wants it.
  explicit expected(default_init_t how) : state_(how) {}

  template <class U = T>
  requires expected_value<U, T, expected>
  constexpr explicit(!std::is_convertible_v<U, T>) expected(U&& value)
    : state_(std::in_place, std::forward<U>(value)) {}

  template <class... Args>
  constexpr explicit expected(std::in_place_t how, Args&&... args)
    : state_(how, std::forward<Args>(args)...) {}

  template <class G>
  requires std::is_constructible_v<E, G>
  constexpr expected(unexpected<G> failure)
    : state_(unexpect, std::move(failure).error()) {}

  [[nodiscard]] constexpr bool has_value() const noexcept {
    return state_.has_value();
  }
  constexpr explicit operator bool() const noexcept { return has_value(); }

  constexpr T& operator*() & noexcept { return state_.value(); }
  constexpr const T& operator*() const& noexcept { return state_.value(); }
  constexpr T&& operator*() && noexcept { return std::move(state_.value()); }
  constexpr T* operator->() noexcept { return &state_.value(); }
  constexpr const T* operator->() const noexcept { return &state_.value(); }

  constexpr T& value() & { return check(), **this; }
  constexpr const T& value() const& { return check(), **this; }
  constexpr T&& value() && { return check(), *std::move(*this); }

  template <class U>
  [[nodiscard]] constexpr T value_or(U&& other) const& {
    return has_value() ? **this : static_cast<T>(std::forward<U>(other));
  }

  [[nodiscard]] constexpr E& error() & noexcept { return state_.error(); }
  [[nodiscard]] constexpr const E& error() const& noexcept {
    return state_.error();
  }
  [[nodiscard]] constexpr E&& error() && noexcept {
    return std::move(state_.error());
  }

  template <class... Args>
  constexpr T& emplace(Args&&... args) {
    return state_.emplace(std::forward<Args>(args)...);
  }

  friend constexpr bool operator==(const expected& a, const expected& b) {
    if (a.has_value() != b.has_value())
      return false;
    return a ? *a == *b : a.error() == b.error();
  }

private:
  constexpr void check() const {
    if (!has_value())
      throw bad_expected_access<E>(error());
  }

  expected_storage<T, E> state_;
};

/// Success without a value, or an error.
template <class E>
class [[nodiscard]] expected<void, E> {
public:
  using value_type = void;
  using error_type = E;
  using unexpected_type = unexpected<E>;

  constexpr expected() = default;

  template <class G>
  requires std::is_constructible_v<E, G>
  constexpr expected(unexpected<G> failure)
    : error_(std::in_place, std::move(failure).error()) {}

  [[nodiscard]] constexpr bool has_value() const noexcept { return !error_; }
  constexpr explicit operator bool() const noexcept { return has_value(); }

  constexpr void operator*() const noexcept {}
  constexpr void value() const {
    if (error_)
      throw bad_expected_access<E>(*error_);
  }

  [[nodiscard]] constexpr const E& error() const& noexcept { return *error_; }
  [[nodiscard]] constexpr E& error() & noexcept { return *error_; }
  [[nodiscard]] constexpr E&& error() && noexcept { return *std::move(error_); }

  constexpr void emplace() noexcept { error_.reset(); }

  bool operator==(const expected&) const = default;

private:
  std::optional<E> error_;
};

} // namespace hetzel::mqtt
