#include "actors/admin/control_language.hpp"

#include <array>

namespace hetzel::admin {

namespace {

constexpr std::string_view digits = "0123456789abcdef";
constexpr std::array<std::string_view, 3> outcomes{"ok", "usage", "failed"};

bool is_control(char byte) noexcept {
  const auto code = static_cast<unsigned char>(byte);
  return code < 0x20 || code == 0x7f;
}

/// U+0080 to U+009F, with which some terminals can be moved too.
bool begins_c1(std::string_view text) noexcept {
  return text.size() >= 2 && text[0] == '\xc2'
         && static_cast<unsigned char>(text[1]) < 0xa0;
}

void append_escaped(std::string& to, char byte) {
  const auto code = static_cast<unsigned char>(byte);
  to += "\\x";
  to += digits[code >> 4];
  to += digits[code & 15];
}

std::string harmless(std::string_view text) {
  std::string out;
  for (; !text.empty(); text.remove_prefix(1)) {
    if (begins_c1(text)) {
      append_escaped(out, text[0]);
      append_escaped(out, text[1]);
      text.remove_prefix(1);
    } else if (is_control(text[0])) {
      append_escaped(out, text[0]);
    } else {
      out += text[0];
    }
  }
  return out;
}

// -- words --------------------------------------------------------------------

bool needs_quotes(std::string_view word) noexcept {
  if (word.empty())
    return true;
  for (const char byte : word)
    if (byte == ' ' || byte == '"' || byte == '\\' || is_control(byte))
      return true;
  return false;
}

/// What stands behind the backslash; nothing for what needs none.
char escape_of(char byte) noexcept {
  switch (byte) {
    case '"': return '"';
    case '\\': return '\\';
    case '\n': return 'n';
    case '\r': return 'r';
    case '\t': return 't';
    default: return 0;
  }
}

char meant_by(char escape) noexcept {
  switch (escape) {
    case '"': return '"';
    case '\\': return '\\';
    case 'n': return '\n';
    case 'r': return '\r';
    case 't': return '\t';
    default: return 0;
  }
}

void append_word(std::string& line, std::string_view word) {
  if (!needs_quotes(word)) {
    line += word;
    return;
  }
  line += '"';
  for (const char byte : word) {
    if (const char escape = escape_of(byte)) {
      line += '\\';
      line += escape;
    } else {
      line += byte;
    }
  }
  line += '"';
}

using word_read = mqtt::expected<std::string, std::string>;

mqtt::unexpected<std::string> mistake(const char* what) {
  return mqtt::unexpected<std::string>(what);
}

/// Behind the quote that opens it; leaves what is behind the one that closes.
word_read take_quoted(std::string_view& line) {
  std::string word;
  for (; !line.empty() && line[0] != '"'; line.remove_prefix(1)) {
    if (line[0] != '\\') {
      word += line[0];
      continue;
    }
    line.remove_prefix(1);
    const char meant = line.empty() ? char{0} : meant_by(line[0]);
    if (meant == 0)
      return mistake("a backslash with nothing known behind it");
    word += meant;
  }
  if (line.empty())
    return mistake("a quote is not closed");
  line.remove_prefix(1);
  if (!line.empty() && line[0] != ' ')
    return mistake("a blank is missing behind a quote");
  return word;
}

word_read take_plain(std::string_view& line) {
  const auto end = line.find(' ');
  std::string word{line.substr(0, end)};
  line.remove_prefix(word.size());
  for (const char byte : word)
    if (byte == '"' || byte == '\\' || is_control(byte))
      return mistake("a quote, backslash or control character in a word "
                     "without quotes");
  return word;
}

} // namespace

std::string_view to_string(outcome how) noexcept {
  return outcomes[static_cast<std::size_t>(how)];
}

std::string encode_words(std::span<const std::string> words) {
  std::string line;
  for (const auto& word : words) {
    if (!line.empty())
      line += ' ';
    append_word(line, word);
  }
  return line;
}

mqtt::expected<std::vector<std::string>, std::string>
parse_words(std::string_view line) {
  std::vector<std::string> words;
  for (;;) {
    const auto start = line.find_first_not_of(' ');
    if (start == std::string_view::npos)
      return words;
    if (words.size() == request_words_max)
      return mistake("too many words");
    line.remove_prefix(start);
    const bool is_quoted = line[0] == '"';
    if (is_quoted)
      line.remove_prefix(1);
    auto word = is_quoted ? take_quoted(line) : take_plain(line);
    if (!word)
      return mqtt::unexpected(std::move(word).error());
    words.push_back(*std::move(word));
  }
}

// -- answers ------------------------------------------------------------------

std::string text_line(std::string_view text) {
  return ' ' + harmless(text) + '\n';
}

std::string status_line(const status& what) {
  std::string line{to_string(what.how)};
  if (!what.sentence.empty())
    line += ' ' + harmless(what.sentence);
  return line + '\n';
}

std::optional<status> parse_status(std::string_view line) {
  const auto end = line.find(' ');
  const auto word = line.substr(0, end);
  for (std::size_t i = 0; i < outcomes.size(); ++i) {
    if (outcomes[i] != word)
      continue;
    status found{static_cast<outcome>(i)};
    if (end != std::string_view::npos)
      found.sentence = line.substr(end + 1);
    return found;
  }
  return std::nullopt;
}

} // namespace hetzel::admin
