#pragma once

#include "protocol/expected.hpp"

#include <array>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

struct sockaddr_storage;

namespace hetzel::net {

/// An IP address; one of IPv4 as IPv6 writes it (::ffff:192.0.2.1), so that it
/// is the same whatever kind of socket it came through.
struct ip_address {
  std::array<unsigned char, 16> bytes{};

  bool operator==(const ip_address&) const = default;
};

/// A literal of IPv4 or IPv6, without brackets and port.
[[nodiscard]] std::optional<ip_address> parse_ip(std::string_view text);

/// nullopt: of another family.
[[nodiscard]] std::optional<ip_address>
ip_of(const sockaddr_storage& address) noexcept;

/// All addresses that begin with the same bits.
struct network {
  ip_address first;
  unsigned prefix_bits = 0; ///< 0…128, counted as in IPv6

  [[nodiscard]] bool contains(const ip_address& one) const noexcept;
  bool operator==(const network&) const = default;
};

/// "192.0.2.0/24", "2001:db8::/32", or a single address. Bits behind the
/// prefix must be zero: a typing error would trust others than was meant.
[[nodiscard]] mqtt::expected<network, std::string>
parse_network(std::string_view text);

/// Networks, of which being in one is enough. Some: no scan of thousands is
/// meant.
class network_list {
public:
  network_list() = default;
  explicit network_list(std::vector<network> networks)
    : networks_(std::move(networks)) {}

  [[nodiscard]] bool contains(const ip_address& one) const noexcept;
  [[nodiscard]] bool empty() const noexcept { return networks_.empty(); }
  bool operator==(const network_list&) const = default;

private:
  std::vector<network> networks_;
};

/// 127.0.0.0/8 and ::1.
[[nodiscard]] network_list loopback_networks();

/// Parts between `,`, `;` or blanks; `all` stands for every address, `none`
/// and an empty text for no address.
[[nodiscard]] mqtt::expected<network_list, std::string>
parse_network_list(std::string_view text);

} // namespace hetzel::net
