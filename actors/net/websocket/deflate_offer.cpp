#include "actors/net/websocket/deflate_offer.hpp"

#include <algorithm>
#include <charconv>
#include <optional>
#include <vector>

namespace hetzel::net::websocket {

namespace {

using std::string_view;

string_view trim(string_view text) noexcept {
  const auto first = text.find_first_not_of(" \t");
  if (first == text.npos)
    return {};
  return text.substr(first, text.find_last_not_of(" \t") - first + 1);
}

/// Up to the separator, which goes too. One within quotes separates as well:
/// no value that we know has any.
string_view take_part(string_view& rest, char separator) noexcept {
  const auto end = rest.find(separator);
  const auto part = trim(rest.substr(0, end));
  rest = end == rest.npos ? string_view{} : rest.substr(end + 1);
  return part;
}

string_view unquoted(string_view text) noexcept {
  const bool is_quoted
    = text.size() >= 2 && text.front() == '"' && text.back() == '"';
  return is_quoted ? text.substr(1, text.size() - 2) : text;
}

std::optional<int> parse_bits(string_view text, int least) noexcept {
  int bits = 0;
  const auto* end = text.data() + text.size();
  const auto outcome = std::from_chars(text.data(), end, bits);
  if (outcome.ec != std::errc{} || outcome.ptr != end || text.front() == '0'
      || bits < least || bits > deflate_window_bits_max)
    return std::nullopt;
  return bits;
}

/// 0: not in a way that we can fulfil.
int accept_parameters(string_view rest) {
  int bits = deflate_window_bits_max;
  std::vector<string_view> seen;
  while (!rest.empty()) {
    const auto whole = take_part(rest, ';');
    const auto sign = std::min(whole.find('='), whole.size());
    const auto name = trim(whole.substr(0, sign));
    const bool has_value = sign < whole.size();
    const auto value
      = has_value ? unquoted(trim(whole.substr(sign + 1))) : string_view{};
    if (std::find(seen.begin(), seen.end(), name) != seen.end())
      return 0;
    seen.push_back(name);
    const bool is_flag = name == "server_no_context_takeover"
                         || name == "client_no_context_takeover";
    if (is_flag && !has_value)
      continue;
    // What the client's own window is does not matter: ours is the largest.
    if (name == "client_max_window_bits"
        && (!has_value || parse_bits(value, 8)))
      continue;
    const auto ours = parse_bits(value, 9);
    if (name != "server_max_window_bits" || !ours)
      return 0;
    bits = *ours;
  }
  return bits;
}

} // namespace

int accept_deflate(string_view offers) {
  while (!offers.empty()) {
    auto offer = take_part(offers, ',');
    if (take_part(offer, ';') != "permessage-deflate")
      continue;
    if (const auto bits = accept_parameters(offer); bits > 0)
      return bits;
  }
  return 0;
}

} // namespace hetzel::net::websocket
