#pragma once

#include "protocol/basic_types.hpp"

#include <array>
#include <compare>
#include <cstdint>
#include <optional>
#include <string>

namespace hetzel::plugins {

/// An IPv4 or IPv6 address; IPv4 as ::ffff:a.b.c.d, so that both ways in which
/// a socket may tell of an IPv4 peer are one.
struct ip_address {
  std::array<std::uint8_t, 16> bytes{};

  auto operator<=>(const ip_address&) const = default;

  /// Without brackets and zone.
  [[nodiscard]] static std::optional<ip_address> parse(mqtt::bytes_view text);

  /// Of "192.0.2.1:1234" or "[2001:db8::1]:1234", and of a bare address.
  [[nodiscard]] static std::optional<ip_address>
  parse_peer(mqtt::bytes_view text);
};

/// Addresses whose first `prefix` bits are alike.
struct ip_network {
  /// All other bits are zero.
  ip_address address;
  /// 0…128, of the form with 16 bytes.
  unsigned prefix = 128;

  auto operator<=>(const ip_network&) const = default;

  /// "192.0.2.0/24", "2001:db8::/32", or one address. Bits behind the prefix
  /// are ignored.
  [[nodiscard]] static std::optional<ip_network> parse(mqtt::bytes_view text);

  /// The network of that size around an address.
  [[nodiscard]] static ip_network around(const ip_address& address,
                                         unsigned prefix) noexcept;

  /// In the shortest form that `parse` reads, without a needless prefix.
  [[nodiscard]] std::string text() const;
};

} // namespace hetzel::plugins
