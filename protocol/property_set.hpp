#pragma once

#include "protocol/property.hpp"

#include <cstdint>
#include <initializer_list>

namespace hetzel::mqtt {

/// A set of property identifiers, as one word of bits: the largest identifier
/// of MQTT 5 is 0x2A.
class property_set {
public:
  constexpr property_set() = default;

  constexpr property_set(std::initializer_list<property_id> ids) noexcept {
    for (auto id : ids)
      insert(id);
  }

  constexpr void insert(property_id id) noexcept { bits_ |= bit_of(id); }

  [[nodiscard]] constexpr bool contains(property_id id) const noexcept {
    return (bits_ & bit_of(id)) != 0;
  }

  [[nodiscard]] constexpr bool empty() const noexcept { return bits_ == 0; }

  [[nodiscard]] constexpr bool intersects(property_set other) const noexcept {
    return (bits_ & other.bits_) != 0;
  }

  bool operator==(const property_set&) const = default;

private:
  [[nodiscard]] static constexpr std::uint64_t bit_of(property_id id) noexcept {
    return std::uint64_t{1} << (static_cast<unsigned char>(id) & 63U);
  }

  std::uint64_t bits_ = 0;
};

} // namespace hetzel::mqtt
