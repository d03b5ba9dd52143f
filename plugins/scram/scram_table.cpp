#include "plugins/scram/scram_table.hpp"

#include <algorithm>
#include <utility>

namespace hetzel::plugins {

namespace {

constexpr scram_mechanism mechanisms[]
  = {scram_mechanism::sha256, scram_mechanism::sha512};

/// Bytes that only who has `secret` can tell from random ones.
std::string derived(mqtt::bytes_view secret, mqtt::bytes_view purpose,
                    mqtt::bytes_view user) {
  std::string text{purpose};
  text += user;
  return hmac_of(digest::sha512, secret, text);
}

} // namespace

mqtt::expected<scram_table, text_fault>
scram_table::parse(mqtt::bytes_view text) {
  scram_table table;
  text_lines lines{text};
  const auto fault = [&](std::string what) {
    return mqtt::unexpected(text_fault{lines.number(), std::move(what)});
  };
  while (auto line = lines.next()) {
    if (line->empty() || line->starts_with('#'))
      continue;
    const auto user = take_until(*line, ':');
    if (!user || user->empty())
      return fault("a line is <user>:SCRAM-SHA-256$<iterations>:<salt>$"
                   "<StoredKey>:<ServerKey>");
    if (line->starts_with('$'))
      continue;
    auto entry = parse_scram_entry(*line);
    if (!entry)
      return fault(std::move(entry.error()));
    table.users_[static_cast<std::size_t>(entry->mechanism)].insert_or_assign(
      std::string{*user}, std::move(entry->credentials));
  }
  table.find_appearances();
  return table;
}

const scram_credentials* scram_table::find(scram_mechanism mechanism,
                                           mqtt::bytes_view user) const {
  const auto& among = users_of(mechanism);
  const auto found = among.find(user);
  return found == among.end() ? nullptr : &found->second;
}

scram_credentials scram_table::stand_in(scram_mechanism mechanism,
                                        mqtt::bytes_view user,
                                        mqtt::bytes_view secret) const {
  const auto& like = common_[static_cast<std::size_t>(mechanism)];
  const auto size = digest_size(digest_of(mechanism));
  auto salt = derived(secret, "salt", user);
  while (salt.size() < like.salt_size)
    salt += derived(secret, "salt", salt);
  salt.resize(like.salt_size);
  return {like.iterations, std::move(salt),
          derived(secret, "stored", user).substr(0, size),
          derived(secret, "server", user).substr(0, size)};
}

/// The most frequent one of each mechanism: users whose entries look otherwise
/// can be told from the unknown, the others not.
void scram_table::find_appearances() {
  for (const auto mechanism : mechanisms) {
    std::map<std::pair<std::uint32_t, std::size_t>, std::size_t> counts;
    std::size_t most = 0;
    for (const auto& [user, kept] : users_of(mechanism)) {
      const auto count = ++counts[{kept.iterations, kept.salt.size()}];
      if (count > most)
        common_[static_cast<std::size_t>(mechanism)]
          = {kept.iterations, kept.salt.size()};
      most = std::max(most, count);
    }
  }
}

} // namespace hetzel::plugins
