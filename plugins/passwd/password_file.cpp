#include "plugins/passwd/password_file.hpp"

#include "plugins/scram/scram_entry.hpp"

#include <utility>

namespace hetzel::plugins {

namespace {

using mqtt::bytes_view;

bool is_of(bytes_view line, bytes_view user) noexcept {
  return take_prefix(line, user) && line.starts_with(':');
}

void append_line(std::string& text, bytes_view line) {
  text += line;
  text += '\n';
}

/// "SCRAM-SHA-256"; nothing for a hash, and for a password that is none yet.
bytes_view kind_of(bytes_view entry) noexcept {
  return is_scram_entry(entry) ? entry.substr(0, entry.find('$'))
                               : bytes_view{};
}

bool is_of_same_kind(bytes_view line, bytes_view user, bytes_view entry) {
  return is_of(line, user)
         && kind_of(line.substr(user.size() + 1)) == kind_of(entry);
}

bool is_hashed(bytes_view entry) {
  return parse_password_hash(entry) || parse_scram_entry(entry);
}

std::string entry_line(bytes_view user, bytes_view entry) {
  std::string line{user};
  line += ':';
  line += entry;
  return line;
}

} // namespace

const char* fault_of_user(bytes_view user) noexcept {
  if (user.empty())
    return "a user has a name";
  if (user.starts_with('#'))
    return "a line that begins with '#' is a comment";
  if (user.find_first_of(":\r\n") != bytes_view::npos)
    return "the name of a user has no ':' and no end of line in it";
  return nullptr;
}

std::string with_user(bytes_view text, bytes_view user, bytes_view entry) {
  std::string edited;
  auto is_there = false;
  text_lines lines{text};
  while (auto line = lines.next()) {
    if (!is_of_same_kind(*line, user, entry))
      append_line(edited, *line);
    else if (!std::exchange(is_there, true))
      append_line(edited, entry_line(user, entry));
  }
  if (!is_there)
    append_line(edited, entry_line(user, entry));
  return edited;
}

std::optional<std::string> without_user(bytes_view text, bytes_view user) {
  std::string edited;
  auto is_there = false;
  text_lines lines{text};
  while (auto line = lines.next())
    if (is_of(*line, user))
      is_there = true;
    else
      append_line(edited, *line);
  if (!is_there)
    return std::nullopt;
  return edited;
}

mqtt::expected<std::string, text_fault>
with_hashed_passwords(bytes_view text, password_scheme scheme) {
  std::string edited;
  text_lines lines{text};
  const auto fault = [&](const char* what) {
    return mqtt::unexpected(text_fault{lines.number(), what});
  };
  while (auto line = lines.next()) {
    auto rest = *line;
    const auto user = take_until(rest, ':');
    if (line->empty() || line->starts_with('#') || is_hashed(rest)) {
      append_line(edited, *line);
      continue;
    }
    if (!user || user->empty())
      return fault("a line is <user>:<password>");
    if (rest.empty())
      return fault("the password is empty");
    const auto hash = hash_password(scheme, rest);
    append_line(edited, entry_line(*user, format_password_hash(hash)));
  }
  return edited;
}

} // namespace hetzel::plugins
