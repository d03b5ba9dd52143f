#include "plugins/files/text_lines.hpp"

#include <charconv>

namespace hetzel::plugins {

std::optional<mqtt::bytes_view> text_lines::next() noexcept {
  if (rest_.empty())
    return std::nullopt;
  ++number_;
  const auto end = rest_.find('\n');
  auto line = rest_.substr(0, end);
  rest_ = end == mqtt::bytes_view::npos ? mqtt::bytes_view{}
                                        : rest_.substr(end + 1);
  if (line.ends_with('\r'))
    line.remove_suffix(1);
  return line;
}

mqtt::bytes_view trim_blanks(mqtt::bytes_view text) noexcept {
  constexpr mqtt::bytes_view blanks = " \t";
  const auto first = text.find_first_not_of(blanks);
  if (first == mqtt::bytes_view::npos)
    return {};
  return text.substr(first, text.find_last_not_of(blanks) - first + 1);
}

bool take_prefix(mqtt::bytes_view& text, mqtt::bytes_view word) noexcept {
  if (!text.starts_with(word))
    return false;
  text.remove_prefix(word.size());
  return true;
}

std::optional<mqtt::bytes_view> take_until(mqtt::bytes_view& text,
                                           char separator) noexcept {
  const auto end = text.find(separator);
  if (end == mqtt::bytes_view::npos)
    return std::nullopt;
  const auto taken = text.substr(0, end);
  text.remove_prefix(end + 1);
  return taken;
}

std::optional<std::uint64_t> parse_number(mqtt::bytes_view text) noexcept {
  std::uint64_t number = 0;
  const auto* end = text.data() + text.size();
  const auto [stop, error] = std::from_chars(text.data(), end, number);
  if (error != std::errc{} || stop != end)
    return std::nullopt;
  return number;
}

} // namespace hetzel::plugins
