#pragma once

#include <memory>
#include <new>
#include <type_traits>
#include <utility>
#include <variant>

/// Where an `expected` keeps its value or its error. Two forms: trivial types
/// share a plain union, others leave their lifetimes to std::variant.

namespace hetzel::mqtt {

/// Asks for a value that is default-initialised in place, see `expected`.
struct default_init_t {
  explicit default_init_t() = default;
};
inline constexpr default_init_t default_init{};

/// Asks for an error.
struct unexpect_t {
  explicit unexpect_t() = default;
};
inline constexpr unexpect_t unexpect{};

/// Trivial to copy, as its two types are. Hand-made because std::variant
/// clears the memory of a packet before its fields are set, with a `rep stos`
/// that took as long as the decoding.
template <class T, class E>
class trivial_storage {
public:
  explicit trivial_storage(default_init_t) noexcept : has_value_(true) {
    ::new (static_cast<void*>(&value_)) T;
  }

  template <class... Args>
  constexpr explicit trivial_storage(std::in_place_t, Args&&... args)
    : value_(std::forward<Args>(args)...), has_value_(true) {}

  template <class... Args>
  constexpr explicit trivial_storage(unexpect_t, Args&&... args)
    : error_(std::forward<Args>(args)...), has_value_(false) {}

  [[nodiscard]] constexpr bool has_value() const noexcept { return has_value_; }
  [[nodiscard]] constexpr T& value() noexcept { return value_; }
  [[nodiscard]] constexpr const T& value() const noexcept { return value_; }
  [[nodiscard]] constexpr E& error() noexcept { return error_; }
  [[nodiscard]] constexpr const E& error() const noexcept { return error_; }

  template <class... Args>
  constexpr T& emplace(Args&&... args) {
    auto* made = std::construct_at(&value_, std::forward<Args>(args)...);
    has_value_ = true;
    return *made;
  }

private:
  union {
    T value_;
    E error_;
  };
  bool has_value_;
};

template <class T, class E>
class variant_storage {
public:
  explicit variant_storage(default_init_t) : state_(std::in_place_index<0>) {}

  template <class... Args>
  constexpr explicit variant_storage(std::in_place_t, Args&&... args)
    : state_(std::in_place_index<0>, std::forward<Args>(args)...) {}

  template <class... Args>
  constexpr explicit variant_storage(unexpect_t, Args&&... args)
    : state_(std::in_place_index<1>, std::forward<Args>(args)...) {}

  [[nodiscard]] constexpr bool has_value() const noexcept {
    return state_.index() == 0;
  }
  [[nodiscard]] constexpr T& value() noexcept {
    return *std::get_if<0>(&state_);
  }
  [[nodiscard]] constexpr const T& value() const noexcept {
    return *std::get_if<0>(&state_);
  }
  [[nodiscard]] constexpr E& error() noexcept {
    return *std::get_if<1>(&state_);
  }
  [[nodiscard]] constexpr const E& error() const noexcept {
    return *std::get_if<1>(&state_);
  }

  template <class... Args>
  constexpr T& emplace(Args&&... args) {
    return state_.template emplace<0>(std::forward<Args>(args)...);
  }

private:
  std::variant<T, E> state_;
};

template <class T, class E>
using expected_storage = std::conditional_t<
  std::is_trivially_copyable_v<T> && std::is_trivially_copyable_v<E>,
  trivial_storage<T, E>, variant_storage<T, E>>;

} // namespace hetzel::mqtt
