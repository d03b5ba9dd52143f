#include "actors/node/config/value.hpp"

#include "actors/net/network_list.hpp"
#include "actors/node/config/scalar.hpp"

#include <algorithm>
#include <array>
#include <charconv>

namespace hetzel::node {

namespace {

using parsed = mqtt::expected<value, std::string>;

constexpr std::array<std::int64_t, 5> known_versions{3, 4, 5, 131, 132};

std::string format_bound(const key_facts& key, std::int64_t bound) {
  switch (key.kind) {
    case value_kind::size:
    case value_kind::sizes:
      return format_size(bound);
    case value_kind::duration:
      return format_duration(bound);
    case value_kind::expiry:
      return std::to_string(bound) + 's';
    case value_kind::flag:
    case value_kind::integer:
    case value_kind::choice:
    case value_kind::text:
    case value_kind::path:
    case value_kind::node_name:
    case value_kind::address:
    case value_kind::versions:
    case value_kind::networks:
    case value_kind::mode:
    case value_kind::words:
      break;
  }
  return std::to_string(bound);
}

std::string format_range(const key_facts& key) {
  return format_bound(key, key.min) + "…" + format_bound(key, key.max);
}

bool in_range(const key_facts& key, std::int64_t number) {
  return key.min <= number && number <= key.max;
}

parsed bounded(const key_facts& key, std::string_view text,
               const number_or_fault& number) {
  if (!number)
    return mqtt::unexpected(number.error());
  if (!in_range(key, *number))
    return mqtt::unexpected("'" + std::string(trim(text)) + "' is not within "
                            + format_range(key));
  return value{.number = *number};
}

parsed parse_choice(const key_facts& key, std::string_view text) {
  const auto words = split(key.words, ' ');
  const auto found = std::find(words.begin(), words.end(), trim(text));
  if (found == words.end())
    return mqtt::unexpected("'" + std::string(trim(text)) + "' is none of "
                            + std::string(key.words));
  return value{.number = found - words.begin()};
}

/// VerneMQ's lists may stand in brackets.
std::vector<std::string_view> split_list(std::string_view text) {
  text = trim(text);
  if (text.size() >= 2 && text.front() == '[' && text.back() == ']')
    text = text.substr(1, text.size() - 2);
  return split(text, ',');
}

parsed parse_words(const key_facts& key, std::string_view text) {
  value out;
  for (const auto part : split_list(text)) {
    const auto one = parse_choice(key, part);
    if (!one)
      return one;
    out.numbers.push_back(one->number);
  }
  std::sort(out.numbers.begin(), out.numbers.end());
  return out;
}

parsed parse_text(const key_facts& key, std::string_view text) {
  if (!in_range(key, static_cast<std::int64_t>(text.size())))
    return mqtt::unexpected("needs a text of " + format_range(key)
                            + " characters");
  return value{.text = std::string(text)};
}

parsed parse_path(std::string_view text) {
  if (trim(text).empty())
    return mqtt::unexpected(std::string("needs a path"));
  return value{.text = std::string(trim(text))};
}

parsed parse_node_name(std::string_view text) {
  text = trim(text);
  const auto at = text.find('@');
  if (at == 0 || at == std::string_view::npos || at + 1 == text.size()
      || text.find_first_of(" \t@", at + 1) != std::string_view::npos)
    return mqtt::unexpected("'" + std::string(text) + "' is not name@host");
  return value{.text = std::string(text)};
}

parsed parse_address(std::string_view text) {
  auto endpoint = parse_endpoint(text);
  if (!endpoint)
    return mqtt::unexpected(endpoint.error());
  return value{.number = endpoint->port, .text = std::move(endpoint->address)};
}

parsed parse_versions(std::string_view text) {
  value out;
  for (const auto part : split_list(text)) {
    const auto number = parse_integer(part);
    if (!number
        || std::find(known_versions.begin(), known_versions.end(), *number)
             == known_versions.end())
      return mqtt::unexpected("'" + std::string(part)
                              + "' is none of 3, 4, 5, 131 and 132");
    out.numbers.push_back(*number);
  }
  std::sort(out.numbers.begin(), out.numbers.end());
  return out;
}

parsed parse_sizes(const key_facts& key, std::string_view text) {
  const auto parts = split_list(text);
  if (parts.size() < 2 || parts.size() > 3)
    return mqtt::unexpected(
      std::string("needs two or three sizes with commas between them"));
  value out;
  for (const auto part : parts) {
    const auto one = bounded(key, part, parse_size(part));
    if (!one)
      return one;
    out.numbers.push_back(one->number);
  }
  return out;
}

parsed parse_networks(std::string_view text) {
  const auto list = net::parse_network_list(text);
  if (!list)
    return mqtt::unexpected(list.error());
  return value{.text = std::string(trim(text))};
}

parsed parse_mode(std::string_view text) {
  constexpr unsigned mode_max = 0777;
  text = trim(text);
  unsigned mode = 0;
  const auto* end = text.data() + text.size();
  const auto outcome = std::from_chars(text.data(), end, mode, 8);
  if (outcome.ec != std::errc{} || outcome.ptr != end || mode > mode_max)
    return mqtt::unexpected("'" + std::string(text)
                            + "' is not permissions such as 0660");
  return value{.number = mode};
}

parsed parse_by_kind(const key_facts& key, std::string_view text) {
  switch (key.kind) {
    case value_kind::flag:
      return bounded(key, text, parse_flag(text));
    case value_kind::integer:
      return bounded(key, text, parse_integer(text));
    case value_kind::size:
      return bounded(key, text, parse_size(text));
    case value_kind::duration:
      return bounded(key, text, parse_duration(text, key.unit));
    case value_kind::expiry:
      return bounded(key, text, parse_expiry(text));
    case value_kind::choice:
      return parse_choice(key, text);
    case value_kind::text:
      return parse_text(key, text);
    case value_kind::path:
      return parse_path(text);
    case value_kind::node_name:
      return parse_node_name(text);
    case value_kind::address:
      return parse_address(text);
    case value_kind::versions:
      return parse_versions(text);
    case value_kind::sizes:
      return parse_sizes(key, text);
    case value_kind::networks:
      return parse_networks(text);
    case value_kind::mode:
      return parse_mode(text);
    case value_kind::words:
      return parse_words(key, text);
  }
  return mqtt::unexpected(std::string("has no kind"));
}

} // namespace

parsed parse_value(const key_facts& key, std::string_view text) {
  if (!key.off.empty() && trim(text) == key.off)
    return value{.off = true};
  auto result = parse_by_kind(key, text);
  if (result)
    return result;
  if (key.secret)
    return mqtt::unexpected(std::string("has a value of the wrong form"));
  if (!key.off.empty())
    return mqtt::unexpected(result.error() + ", nor " + std::string(key.off));
  return result;
}

std::string describe_kind(const key_facts& key) {
  const auto in_unit
    = key.unit.empty() ? std::string() : " (" + std::string(key.unit) + ")";
  const auto or_off
    = key.off.empty() ? std::string() : " or " + std::string(key.off);
  switch (key.kind) {
    case value_kind::flag:
      return "on or off";
    case value_kind::integer:
      return "integer " + format_range(key) + in_unit + or_off;
    case value_kind::size:
      return "size " + format_range(key) + or_off;
    case value_kind::duration:
      return "duration " + format_range(key) + ", plain integers count "
             + std::string(key.unit) + or_off;
    case value_kind::expiry:
      return "number with s, h, d, w, m or y" + or_off;
    case value_kind::choice:
      return "one of " + std::string(key.words);
    case value_kind::text:
      return "text of " + format_range(key) + " characters" + or_off;
    case value_kind::path:
      return "path" + or_off;
    case value_kind::node_name:
      return "name@host";
    case value_kind::address:
      return "address:port or local:<path>:0";
    case value_kind::versions:
      return "list of 3, 4, 5, 131, 132";
    case value_kind::sizes:
      return "sizes with commas between them, each " + format_range(key)
             + or_off;
    case value_kind::networks:
      return "list of addresses and networks such as 10.0.0.0/8; all or none";
    case value_kind::mode:
      return "octal permissions such as 0660";
    case value_kind::words:
      return "list of " + std::string(key.words);
  }
  return {};
}

} // namespace hetzel::node
