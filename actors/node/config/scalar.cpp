#include "actors/node/config/scalar.hpp"

#include <algorithm>
#include <array>
#include <cctype>
#include <charconv>
#include <limits>
#include <optional>
#include <span>
#include <utility>

#include <arpa/inet.h>

namespace hetzel::node {

namespace {

struct unit {
  std::string_view name;
  std::int64_t factor;
};

constexpr std::int64_t ms = 1;
constexpr std::int64_t second = 1'000 * ms;
constexpr std::int64_t minute = 60 * second;
constexpr std::int64_t hour = 60 * minute;
constexpr std::int64_t day = 24 * hour;

constexpr std::string_view local_prefix = "local:";

/// Characters that a sockaddr_un takes.
constexpr std::size_t local_path_max = 107;

// Largest first, which is the order of writing them.
constexpr std::array duration_units{
  unit{"f", 14 * day}, unit{"w", 7 * day},  unit{"d", day}, unit{"h", hour},
  unit{"m", minute},   unit{"s", second},   unit{"ms", ms},
};

constexpr std::array expiry_units{
  unit{"s", 1},         unit{"h", 3'600},        unit{"d", 86'400},
  unit{"w", 7 * 86'400}, unit{"m", 28 * 86'400}, unit{"y", 336 * 86'400},
};

constexpr std::array size_units{
  unit{"", 1},
  unit{"KB", std::int64_t{1} << 10},
  unit{"MB", std::int64_t{1} << 20},
  unit{"GB", std::int64_t{1} << 30},
};

std::string quoted(std::string_view text) {
  return '\'' + std::string(text) + '\'';
}

mqtt::unexpected<std::string> fault(std::string_view text,
                                    std::string_view problem) {
  return mqtt::unexpected(quoted(text) + ' ' + std::string(problem));
}

bool equals_ignoring_case(std::string_view a, std::string_view b) noexcept {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(), [](char x, char y) {
    return std::toupper(static_cast<unsigned char>(x))
           == std::toupper(static_cast<unsigned char>(y));
  });
}

/// Takes a decimal integer from the front of `rest`; nullopt when there is
/// none that fits.
std::optional<std::int64_t> take_integer(std::string_view& rest) {
  std::int64_t number = 0;
  const auto* end = rest.data() + rest.size();
  const auto result = std::from_chars(rest.data(), end, number);
  if (result.ec != std::errc{})
    return std::nullopt;
  rest.remove_prefix(static_cast<std::size_t>(result.ptr - rest.data()));
  return number;
}

std::string_view take_letters(std::string_view& rest) {
  const auto is_letter = [](unsigned char c) { return std::isalpha(c) != 0; };
  const auto end = std::find_if_not(rest.begin(), rest.end(), is_letter);
  const auto letters
    = rest.substr(0, static_cast<std::size_t>(end - rest.begin()));
  rest.remove_prefix(letters.size());
  return letters;
}

const unit* find_unit(std::span<const unit> units, std::string_view name) {
  const auto found = std::find_if(units.begin(), units.end(), [&](auto& u) {
    return equals_ignoring_case(u.name, name);
  });
  return found == units.end() ? nullptr : &*found;
}

/// number × factor + sum; nullopt: out of range or negative.
std::optional<std::int64_t> add_product(std::int64_t sum, std::int64_t number,
                                        std::int64_t factor) {
  std::int64_t product = 0;
  if (number < 0 || __builtin_mul_overflow(number, factor, &product)
      || __builtin_add_overflow(sum, product, &sum))
    return std::nullopt;
  return sum;
}

std::string format_in(std::span<const unit> units, std::int64_t amount) {
  std::string out;
  for (const auto& u : units) {
    if (amount < u.factor)
      continue;
    out += std::to_string(amount / u.factor);
    out += u.name;
    amount %= u.factor;
  }
  return out;
}

bool is_address(int family, const std::string& text) {
  std::array<unsigned char, sizeof(in6_addr)> ignored{};
  return ::inet_pton(family, text.c_str(), ignored.data()) == 1;
}

/// VerneMQ's form: "local:" path ":0".
mqtt::expected<socket_endpoint, std::string>
parse_local(std::string_view text) {
  auto path = text.substr(local_prefix.size());
  if (path.ends_with(":0"))
    path.remove_suffix(2);
  if (!path.starts_with('/') || path.size() > local_path_max
      || path.find('\0') != path.npos)
    return fault(text, "does not name a local socket such as "
                       "local:/run/hetzel.sock:0, of at most 107 characters");
  return socket_endpoint{std::string(path), 0};
}

} // namespace

std::string_view trim(std::string_view text) noexcept {
  constexpr std::string_view blanks = " \t\r\n";
  const auto first = text.find_first_not_of(blanks);
  if (first == std::string_view::npos)
    return {};
  return text.substr(first, text.find_last_not_of(blanks) - first + 1);
}

std::vector<std::string_view> split(std::string_view text, char separator) {
  std::vector<std::string_view> parts;
  for (;;) {
    const auto end = text.find(separator);
    parts.push_back(trim(text.substr(0, end)));
    if (end == std::string_view::npos)
      return parts;
    text.remove_prefix(end + 1);
  }
}

number_or_fault parse_flag(std::string_view text) {
  text = trim(text);
  if (text == "on" || text == "true")
    return 1;
  if (text == "off" || text == "false")
    return 0;
  return fault(text, "is neither on nor off");
}

number_or_fault parse_integer(std::string_view text) {
  auto rest = trim(text);
  const auto number = take_integer(rest);
  if (!number || !rest.empty())
    return fault(trim(text), "is not an integer");
  return *number;
}

number_or_fault parse_size(std::string_view text) {
  auto rest = trim(text);
  const auto number = take_integer(rest);
  const auto* found = number ? find_unit(size_units, trim(rest)) : nullptr;
  if (!found)
    return fault(trim(text), "is not a size such as 65536, 64KB, 1MB or 2GB");
  const auto bytes = add_product(0, *number, found->factor);
  if (!bytes)
    return fault(trim(text), "is out of range");
  return *bytes;
}

number_or_fault parse_duration(std::string_view text,
                               std::string_view plain_unit) {
  auto rest = trim(text);
  std::int64_t sum = 0;
  bool first = true;
  do {
    const auto number = take_integer(rest);
    auto name = take_letters(rest);
    if (name.empty() && first && rest.empty())
      name = plain_unit;
    const auto* found = number ? find_unit(duration_units, name) : nullptr;
    if (!found)
      return fault(trim(text), "is not a duration such as 500ms, 20s or 1h30m");
    const auto total = add_product(sum, *number, found->factor);
    if (!total)
      return fault(trim(text), "is out of range");
    sum = *total;
    first = false;
  } while (!rest.empty());
  return sum;
}

number_or_fault parse_expiry(std::string_view text) {
  auto rest = trim(text);
  const auto number = take_integer(rest);
  const auto* found = number ? find_unit(expiry_units, rest) : nullptr;
  if (!found)
    return fault(trim(text), "is not a number with one of the units s, h, d, w,"
                             " m (28 days) or y (336 days)");
  const auto seconds = add_product(0, *number, found->factor);
  if (!seconds)
    return fault(trim(text), "is out of range");
  return *seconds;
}

mqtt::expected<socket_endpoint, std::string>
parse_endpoint(std::string_view text) {
  text = trim(text);
  if (text.starts_with(local_prefix))
    return parse_local(text);
  const auto colon = text.rfind(':');
  if (colon == std::string_view::npos)
    return fault(text, "is not an address such as 127.0.0.1:1883 or "
                       "[::1]:1883");
  auto host = text.substr(0, colon);
  auto digits = text.substr(colon + 1);
  const auto port = take_integer(digits);
  if (!port || !digits.empty() || *port < 0
      || *port > std::numeric_limits<std::uint16_t>::max())
    return fault(text, "does not end with a port from 0 to 65535");
  const bool bracketed
    = host.size() > 2 && host.front() == '[' && host.back() == ']';
  if (bracketed)
    host = host.substr(1, host.size() - 2);
  std::string address{host};
  if (!(is_address(AF_INET6, address)
        || (!bracketed && is_address(AF_INET, address))))
    return fault(text, "does not begin with an IPv4 or IPv6 address");
  return socket_endpoint{std::move(address), static_cast<std::uint16_t>(*port)};
}

std::string format_size(std::int64_t bytes) {
  for (auto u = size_units.rbegin(); u != size_units.rend(); ++u)
    if (bytes >= u->factor && bytes % u->factor == 0)
      return std::to_string(bytes / u->factor) + std::string(u->name);
  return std::to_string(bytes);
}

std::string format_duration(std::int64_t milliseconds) {
  // Nobody reads fortnights.
  const auto text
    = format_in(std::span(duration_units).subspan(1), milliseconds);
  return text.empty() ? "0s" : text;
}

} // namespace hetzel::node
