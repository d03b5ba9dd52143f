#include "plugins/bans/ban.hpp"

#include "plugins/bans/ip_network.hpp"

#include <charconv>
#include <utility>

namespace hetzel::plugins {

namespace {

using mqtt::bytes_view;
using std::chrono::seconds;

constexpr bytes_view words[] = {"client_id", "user_name", "network"};

/// Until the year 2200, which the clock can count in nanoseconds.
constexpr std::uint64_t until_max = 7'258'118'400;

bool is_plain(char byte) noexcept {
  return static_cast<unsigned char>(byte) >= ' ' && byte != '%'
         && byte != '\x7F';
}

void append_escaped(std::string& to, bytes_view text) {
  constexpr bytes_view digits = "0123456789ABCDEF";
  for (auto byte : text) {
    if (is_plain(byte)) {
      to += byte;
      continue;
    }
    const auto value = static_cast<unsigned char>(byte);
    to += '%';
    to += digits[value >> 4U];
    to += digits[value & 0xFU];
  }
}

std::optional<std::string> unescape(bytes_view text) {
  std::string plain;
  while (!text.empty()) {
    const auto upto = text.substr(0, text.find('%'));
    plain += upto;
    text.remove_prefix(upto.size());
    if (text.empty())
      break;
    unsigned value = 0;
    const auto* end = text.data() + 3;
    if (text.size() < 3
        || std::from_chars(text.data() + 1, end, value, 16).ptr != end)
      return std::nullopt;
    plain += static_cast<char>(value);
    text.remove_prefix(3);
  }
  return plain;
}

/// Nullopt: this is no ban.
std::optional<ban> parse_line(bytes_view line) {
  const auto word = take_until(line, '\t');
  const auto whom = take_until(line, '\t');
  const auto until = take_until(line, '\t');
  if (!until)
    return std::nullopt;
  const auto what = find_ban_target(*word);
  auto whom_text = unescape(*whom);
  auto reason = unescape(line);
  const auto end = parse_number(*until);
  if (!what || !whom_text || !reason || (!end && *until != "-")
      || end.value_or(0) > until_max)
    return std::nullopt;
  ban made{*what, std::move(*whom_text), std::nullopt, std::move(*reason)};
  if (end)
    made.until = ban::time_point{seconds{*end}};
  return made;
}

} // namespace

bytes_view to_string(ban::target what) noexcept {
  return words[static_cast<std::size_t>(what)];
}

std::optional<ban::target> find_ban_target(bytes_view word) noexcept {
  for (std::size_t i = 0; i < std::size(words); ++i)
    if (words[i] == word)
      return static_cast<ban::target>(i);
  return std::nullopt;
}

mqtt::expected<void, std::string> ban_list::add(ban made) {
  const auto fault = [](const char* what) {
    return mqtt::unexpected<std::string>(what);
  };
  if (made.whom.empty() || made.whom.size() > text_max
      || made.reason.size() > text_max)
    return fault("whom must have 1 to 1024 bytes, the reason at most 1024");
  if (made.what == ban::target::network) {
    const auto network = ip_network::parse(made.whom);
    if (!network)
      return fault("no address and no network such as 192.0.2.0/24 or "
                   "2001:db8::/32");
    made.whom = network->text();
  }
  const key at{made.what, made.whom};
  if (bans_.size() >= size_max && !bans_.contains(at))
    return fault("there are 100000 bans already");
  bans_.insert_or_assign(at, std::move(made));
  return {};
}

bool ban_list::remove(ban::target what, const std::string& whom) {
  const auto network = ip_network::parse(whom);
  const auto is_network = what == ban::target::network && network;
  return bans_.erase({what, is_network ? network->text() : whom}) > 0;
}

bool ban_list::sweep(ban::time_point now) {
  return std::erase_if(bans_, [&](const auto& one) {
           return one.second.until && *one.second.until <= now;
         })
         > 0;
}

std::vector<ban> ban_list::all() const {
  std::vector<ban> copies;
  copies.reserve(bans_.size());
  for (const auto& [at, one] : bans_)
    copies.push_back(one);
  return copies;
}

std::string ban_list::text() const {
  std::string text;
  for (const auto& [at, one] : bans_) {
    text += to_string(one.what);
    text += '\t';
    append_escaped(text, one.whom);
    text += '\t';
    text += one.until ? std::to_string(std::chrono::ceil<seconds>(
              one.until->time_since_epoch())
                                         .count())
                      : std::string{"-"};
    text += '\t';
    append_escaped(text, one.reason);
    text += '\n';
  }
  return text;
}

mqtt::expected<ban_list, text_fault> ban_list::parse(bytes_view text) {
  ban_list list;
  text_lines lines{text};
  while (auto line = lines.next()) {
    if (line->empty())
      continue;
    auto read = parse_line(*line);
    if (!read)
      return mqtt::unexpected(text_fault{lines.number(), "no ban"});
    if (auto added = list.add(std::move(*read)); !added)
      return mqtt::unexpected(
        text_fault{lines.number(), std::move(added.error())});
  }
  return list;
}

} // namespace hetzel::plugins
