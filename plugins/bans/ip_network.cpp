#include "plugins/bans/ip_network.hpp"

#include "plugins/files/text_lines.hpp"

#include <algorithm>

#include <arpa/inet.h>

namespace hetzel::plugins {

namespace {

using mqtt::bytes_view;

constexpr std::size_t v4_at = 12;
constexpr unsigned v4_prefix = 96;
constexpr unsigned byte_bits = 8;
constexpr unsigned all_bits = 128;

bool is_v4(const ip_address& address) noexcept {
  const auto& bytes = address.bytes;
  return std::all_of(bytes.begin(), bytes.begin() + 10,
                     [](auto byte) { return byte == 0; })
         && bytes[10] == 0xFF && bytes[11] == 0xFF;
}

} // namespace

std::optional<ip_address> ip_address::parse(bytes_view text) {
  if (text.find('\0') != bytes_view::npos)
    return std::nullopt;
  const std::string terminated{text};
  ip_address address;
  auto* bytes = address.bytes.data();
  if (::inet_pton(AF_INET6, terminated.c_str(), bytes) == 1)
    return address;
  bytes[10] = bytes[11] = 0xFF;
  if (::inet_pton(AF_INET, terminated.c_str(), bytes + v4_at) == 1)
    return address;
  return std::nullopt;
}

std::optional<ip_address> ip_address::parse_peer(bytes_view text) {
  if (take_prefix(text, "["))
    return parse(text.substr(0, text.find(']')));
  // A bare IPv6 address has more than one ':'.
  if (std::ranges::count(text, ':') == 1)
    text = text.substr(0, text.find(':'));
  return parse(text);
}

std::optional<ip_network> ip_network::parse(bytes_view text) {
  const auto slash = text.find('/');
  const auto literal = text.substr(0, slash);
  const auto address = ip_address::parse(literal);
  if (!address)
    return std::nullopt;
  const auto shift = literal.find(':') == bytes_view::npos ? v4_prefix : 0U;
  if (slash == bytes_view::npos)
    return around(*address, all_bits);
  const auto prefix = parse_number(text.substr(slash + 1));
  if (!prefix || *prefix > all_bits - shift)
    return std::nullopt;
  return around(*address, static_cast<unsigned>(*prefix) + shift);
}

ip_network ip_network::around(const ip_address& address,
                              unsigned prefix) noexcept {
  ip_network made{address, prefix};
  auto& bytes = made.address.bytes;
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    const auto before = static_cast<unsigned>(i) * byte_bits;
    const auto kept = std::clamp(prefix, before, before + byte_bits) - before;
    bytes[i] = static_cast<std::uint8_t>(bytes[i]
                                         & ~(0xFFU >> kept));
  }
  return made;
}

std::string ip_network::text() const {
  const auto as_v4 = is_v4(address) && prefix >= v4_prefix;
  std::array<char, INET6_ADDRSTRLEN> buffer{};
  const auto* bytes = address.bytes.data();
  ::inet_ntop(as_v4 ? AF_INET : AF_INET6, as_v4 ? bytes + v4_at : bytes,
              buffer.data(), buffer.size());
  std::string out{buffer.data()};
  if (prefix < all_bits)
    out += "/" + std::to_string(prefix - (as_v4 ? v4_prefix : 0U));
  return out;
}

} // namespace hetzel::plugins
