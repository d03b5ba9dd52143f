#include "actors/node/config/listing.hpp"

#include "actors/node/config/key_lookup.hpp"

#include <algorithm>
#include <cctype>

namespace hetzel::node {

namespace {

bool is_plain(std::string_view text) {
  constexpr std::string_view inner = "_./:,-@";
  return !text.empty() && text.front() != ':' && text.front() != ','
         && text.front() != '@' && text.back() != ':'
         && std::all_of(text.begin(), text.end(), [&](unsigned char c) {
              return std::isalnum(c) != 0
                     || inner.find(static_cast<char>(c)) != inner.npos;
            });
}

std::string double_quoted(std::string_view text) {
  constexpr std::string_view digits = "0123456789abcdef";
  std::string out = "\"";
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (c == '"' || c == '\\') {
      (out += '\\') += c;
    } else if (byte < 0x20) {
      ((out += "\\x") += digits[byte >> 4]) += digits[byte & 15U];
    } else {
      out += c;
    }
  }
  return out + '"';
}

std::string shown(const config_entry& entry) {
  if (entry.facts->secret)
    return "\"***\"";
  return is_plain(entry.text) ? entry.text : double_quoted(entry.text);
}

std::string_view when_applied(const key_facts& facts) {
  return facts.live ? "at SIGHUP, for what begins afterwards" : "at a restart";
}

} // namespace

std::string list_entries(const config_entries& entries) {
  std::string out;
  for (const auto& [name, entry] : entries) {
    out += name + ": " + shown(entry);
    if (entry.place != default_place)
      out += "  # " + entry.place;
    out += '\n';
  }
  return out;
}

mqtt::expected<std::string, std::string>
describe_key(std::string_view key, const config_entries& entries) {
  const auto known = find_key(key);
  if (!known)
    return mqtt::unexpected(known.error());
  const auto& facts = *known->facts;
  std::string out = known->name + "\n  " + std::string(facts.doc) + '\n';
  out += "  accepts: " + describe_kind(facts) + '\n';
  out += "  default: " + std::string(facts.default_text) + '\n';
  const auto entry = entries.find(known->name);
  if (entry != entries.end())
    out += "  now:     " + shown(entry->second) + " (" + entry->second.place
           + ")\n";
  return out + "  changes: " + std::string(when_applied(facts)) + '\n';
}

} // namespace hetzel::node
