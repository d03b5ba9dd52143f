#include "actors/net/websocket/forwarded.hpp"

#include <algorithm>
#include <charconv>
#include <cstdint>

namespace hetzel::net::websocket {

namespace {

std::string_view trim(std::string_view text) noexcept {
  const auto first = text.find_first_not_of(" \t");
  if (first == text.npos)
    return {};
  return text.substr(first, text.find_last_not_of(" \t") - first + 1);
}

struct entry {
  ip_address address;
  std::string text; ///< with port
};

bool is_port(std::string_view digits) noexcept {
  std::uint16_t port = 0;
  const auto* end = digits.data() + digits.size();
  const auto outcome = std::from_chars(digits.data(), end, port);
  return outcome.ec == std::errc{} && outcome.ptr == end;
}

/// "192.0.2.1", "192.0.2.1:80", "2001:db8::1" or "[2001:db8::1]:80".
std::optional<entry> parse_entry(std::string_view written) {
  auto literal = written;
  std::string_view port = "0";
  const bool is_bracketed = literal.starts_with('[');
  const auto colon = literal.rfind(':');
  const bool is_v6
    = is_bracketed || literal.find(':') != literal.rfind(':');
  if (is_bracketed) {
    const auto end = literal.find(']');
    const auto rest
      = end == literal.npos ? "?" : literal.substr(end + 1);
    if (!rest.empty() && rest.front() != ':')
      return std::nullopt;
    if (!rest.empty())
      port = rest.substr(1);
    literal = literal.substr(1, end - 1);
  } else if (!is_v6 && colon != literal.npos) {
    port = literal.substr(colon + 1);
    literal = literal.substr(0, colon);
  }
  const auto address = parse_ip(literal);
  if (!address || !is_port(port))
    return std::nullopt;
  const auto name
    = is_v6 ? '[' + std::string(literal) + ']' : std::string(literal);
  return entry{*address, name + ':' + std::string(port)};
}

} // namespace

std::optional<std::string> forwarded_client(std::string_view entries,
                                            const network_list& trusted) {
  std::string found;
  while (!entries.empty()) {
    const auto comma = entries.rfind(',');
    const auto start = comma == entries.npos ? 0 : comma + 1;
    const auto word = trim(entries.substr(start));
    entries = entries.substr(0, comma == entries.npos ? 0 : comma);
    if (word.empty())
      continue;
    auto one = parse_entry(word);
    if (!one)
      return std::nullopt;
    found = std::move(one->text);
    if (!trusted.contains(one->address))
      break;
  }
  return found;
}

} // namespace hetzel::net::websocket
