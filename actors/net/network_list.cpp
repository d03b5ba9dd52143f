#include "actors/net/network_list.hpp"

#include <algorithm>
#include <charconv>
#include <cstring>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>

namespace hetzel::net {

namespace {

constexpr std::size_t v4_offset = 12;
constexpr unsigned v4_prefix_bits = 96;

constexpr std::string_view separators = ",; \t";

ip_address mapped(const in_addr& v4) noexcept {
  ip_address result;
  result.bytes[10] = result.bytes[11] = 0xFF;
  std::memcpy(&result.bytes[v4_offset], &v4, sizeof(v4));
  return result;
}

ip_address plain(const in6_addr& v6) noexcept {
  ip_address result;
  std::memcpy(result.bytes.data(), &v6, sizeof(v6));
  return result;
}

bool has_bits_behind(const ip_address& of, unsigned prefix_bits) noexcept {
  for (unsigned bit = prefix_bits; bit < 128; ++bit)
    if ((of.bytes[bit / 8] & (0x80U >> bit % 8)) != 0)
      return true;
  return false;
}

mqtt::unexpected<std::string> fault(std::string_view text,
                                    std::string_view problem) {
  return mqtt::unexpected('\'' + std::string(text) + "' "
                          + std::string(problem));
}

} // namespace

std::optional<ip_address> parse_ip(std::string_view text) {
  if (text.find('\0') != text.npos)
    return std::nullopt;
  const std::string literal{text};
  in_addr v4{};
  if (::inet_pton(AF_INET, literal.c_str(), &v4) == 1)
    return mapped(v4);
  in6_addr v6{};
  if (::inet_pton(AF_INET6, literal.c_str(), &v6) == 1)
    return plain(v6);
  return std::nullopt;
}

std::optional<ip_address> ip_of(const sockaddr_storage& address) noexcept {
  if (address.ss_family == AF_INET)
    return mapped(reinterpret_cast<const sockaddr_in&>(address).sin_addr);
  if (address.ss_family == AF_INET6)
    return plain(reinterpret_cast<const sockaddr_in6&>(address).sin6_addr);
  return std::nullopt;
}

bool network::contains(const ip_address& one) const noexcept {
  const auto whole = prefix_bits / 8;
  if (!std::equal(first.bytes.begin(), first.bytes.begin() + whole,
                  one.bytes.begin()))
    return false;
  const auto rest = prefix_bits % 8;
  if (rest == 0)
    return true;
  const auto different = first.bytes[whole] ^ one.bytes[whole];
  return (different & (0xFF00U >> rest & 0xFFU)) == 0;
}

mqtt::expected<network, std::string> parse_network(std::string_view text) {
  const auto slash = text.find('/');
  const auto literal = text.substr(0, slash);
  const auto first = parse_ip(literal);
  if (!first)
    return fault(text, "does not begin with an IP address");
  const bool is_v4 = literal.find(':') == literal.npos;
  network result{*first, 128};
  if (slash != text.npos) {
    const auto digits = text.substr(slash + 1);
    const auto* end = digits.data() + digits.size();
    unsigned bits = 0;
    const auto outcome = std::from_chars(digits.data(), end, bits);
    if (outcome.ec != std::errc{} || outcome.ptr != end
        || bits > (is_v4 ? 32U : 128U))
      return fault(text, "does not end with a number of bits");
    result.prefix_bits = is_v4 ? v4_prefix_bits + bits : bits;
  }
  if (has_bits_behind(*first, result.prefix_bits))
    return fault(text, "has bits behind its prefix");
  return result;
}

bool network_list::contains(const ip_address& one) const noexcept {
  return std::any_of(networks_.begin(), networks_.end(),
                     [&](const auto& each) { return each.contains(one); });
}

network_list loopback_networks() {
  return *parse_network_list("127.0.0.0/8,::1");
}

mqtt::expected<network_list, std::string>
parse_network_list(std::string_view text) {
  std::vector<network> networks;
  while (!text.empty()) {
    const auto end = std::min(text.find_first_of(separators), text.size());
    const auto word = text.substr(0, end);
    text.remove_prefix(std::min(end + 1, text.size()));
    if (word.empty() || word == "none")
      continue;
    if (word == "all") {
      networks.emplace_back();
      continue;
    }
    auto one = parse_network(word);
    if (!one)
      return mqtt::unexpected(std::move(one.error()));
    networks.push_back(*one);
  }
  return network_list{std::move(networks)};
}

} // namespace hetzel::net
