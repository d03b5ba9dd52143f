#include "plugins/passwd/password_table.hpp"

#include "plugins/scram/scram_entry.hpp"

#include <utility>

namespace hetzel::plugins {

mqtt::expected<password_table, text_fault>
password_table::parse(mqtt::bytes_view text) {
  password_table table;
  text_lines lines{text};
  const auto fault = [&](std::string what) {
    return mqtt::unexpected(text_fault{lines.number(), std::move(what)});
  };
  while (auto line = lines.next()) {
    if (line->empty() || line->starts_with('#'))
      continue;
    const auto user = take_until(*line, ':');
    if (!user || user->empty())
      return fault("a line is <user>:<hash>");
    if (is_scram_entry(*line))
      continue;
    auto hash = parse_password_hash(*line);
    if (!hash)
      return fault(std::move(hash.error()));
    table.has_slow_ = table.has_slow_ || is_slow(*hash);
    table.users_.insert_or_assign(std::string{*user}, std::move(*hash));
  }
  return table;
}

const password_hash* password_table::find(mqtt::bytes_view user) const {
  const auto found = users_.find(user);
  return found == users_.end() ? nullptr : &found->second;
}

password_finding judge_password(const password_table& table,
                                std::optional<mqtt::bytes_view> user,
                                std::optional<mqtt::bytes_view> password) {
  if (!user || !password)
    return {};
  const auto* hash = table.find(*user);
  if (hash == nullptr)
    return {};
  if (is_slow(*hash))
    return {password_verdict::slow, hash};
  return {verify_password(*hash, *password) ? password_verdict::right
                                            : password_verdict::wrong};
}

} // namespace hetzel::plugins
