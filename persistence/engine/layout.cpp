#include "persistence/engine/layout.hpp"

#include "persistence/crc32c.hpp"

#include <array>
#include <charconv>
#include <cstdio>
#include <optional>

namespace hetzel::persistence {

namespace {

constexpr std::string_view title = "hetzel store";
constexpr std::array<std::string_view, 3> state_names{"new", "open", "closed"};

std::string check_line(std::string_view lines) {
  std::array<char, 16> text{};
  std::snprintf(text.data(), text.size(), "check %08x\n", crc32c(lines));
  return text.data();
}

/// Takes a line off the front, without its end.
std::optional<std::string_view> take_line(std::string_view& text) {
  const auto end = text.find('\n');
  if (end == std::string_view::npos)
    return std::nullopt;
  const auto line = text.substr(0, end);
  text.remove_prefix(end + 1);
  return line;
}

/// What stands behind the word that a line begins with.
std::optional<std::string_view> behind(std::string_view word,
                                       std::string_view line) {
  if (!line.starts_with(word) || line.size() <= word.size()
      || line[word.size()] != ' ')
    return std::nullopt;
  return line.substr(word.size() + 1);
}

template <class T>
std::optional<T> whole_number(std::string_view text) {
  T value = 0;
  const auto end = text.data() + text.size();
  const auto [stop, failure] = std::from_chars(text.data(), end, value);
  if (failure != std::errc() || stop != end)
    return std::nullopt;
  return value;
}

bool read_state(std::string_view name, layout& into) {
  for (std::size_t at = 0; at < state_names.size(); ++at)
    if (state_names[at] == name) {
      into.state = static_cast<store_state>(at);
      return true;
    }
  return false;
}

bool read_line(std::string_view line, layout& into) {
  if (const auto state = behind("state", line))
    return read_state(*state, into);
  if (const auto boot = behind("boot", line)) {
    into.boot_id = *boot;
    return true;
  }
  const auto file = behind("file", line);
  const auto blank = file ? file->find(' ') : std::string_view::npos;
  if (blank == std::string_view::npos)
    return false;
  const auto size = whole_number<std::uint64_t>(file->substr(0, blank));
  if (!size)
    return false;
  into.files.push_back({std::string(file->substr(blank + 1)), *size});
  return true;
}

} // namespace

std::string encode(const layout& what) {
  std::string text(title);
  text += "\nlayout " + std::to_string(what.version) + "\nstate ";
  text += state_names[static_cast<std::size_t>(what.state)];
  text += '\n';
  if (!what.boot_id.empty())
    text += "boot " + what.boot_id + "\n";
  for (const auto& file : what.files)
    text += "file " + std::to_string(file.size) + " " + file.name + "\n";
  return text + check_line(text);
}

expected<layout, errc> decode_layout(std::string_view text,
                                     std::uint32_t* newer) {
  const auto whole = text;
  if (take_line(text) != title)
    return unexpected(errc::corrupt);
  const auto line = take_line(text).value_or("");
  const auto version
    = whole_number<std::uint32_t>(behind("layout", line).value_or(""));
  const auto check = whole.rfind("check ");
  const bool checked = check != std::string_view::npos
                       && check_line(whole.substr(0, check))
                            == whole.substr(check);
  if (!version || *version == 0)
    return unexpected(errc::corrupt);
  // Later layouts may end otherwise; this one may not.
  if (*version > layout_version) {
    *newer = *version;
    return unexpected(errc::newer_layout);
  }
  if (!checked)
    return unexpected(errc::corrupt);
  layout found;
  found.version = *version;
  const auto end = whole.data() + check;
  while (text.data() < end)
    if (!read_line(take_line(text).value_or(""), found))
      return unexpected(errc::corrupt);
  return found;
}

std::string current_boot_id() {
  auto text = read_file("/proc/sys/kernel/random/boot_id");
  if (!text)
    return {};
  while (!text->empty() && text->back() == '\n')
    text->pop_back();
  return *std::move(text);
}

bool is_engine_file(std::string_view name) {
  if (name == "CURRENT" || name.starts_with("MANIFEST-"))
    return true;
  const auto dot = name.find('.');
  if (dot == 0 || dot == std::string_view::npos)
    return false;
  const auto suffix = name.substr(dot);
  return (suffix == ".log" || suffix == ".ldb" || suffix == ".sst")
         && name.find_first_not_of("0123456789") == dot;
}

} // namespace hetzel::persistence
