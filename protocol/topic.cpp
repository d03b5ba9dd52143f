#include "protocol/topic.hpp"

#include "protocol/byte_word.hpp"

namespace hetzel::mqtt {

namespace {

constexpr bytes_view share_prefix = "$share/";
constexpr bytes_view wildcards = "+#";

/// What a scan of a topic name finds.
struct topic_shape {
  std::size_t separators = 0;
  bool has_wildcard = false;
};

void scan_word(byte_word word, topic_shape& shape) noexcept {
  shape.separators += count_bytes(zero_bytes(word ^ repeat_byte('/')));
  // '#' and '+' differ in one bit: with it set both are '+'.
  static_assert(('#' | 0x08) == '+');
  auto merged = word | repeat_byte('#' ^ '+');
  if (zero_bytes(merged ^ repeat_byte('+')) != 0)
    shape.has_wildcard = true;
}

void scan_byte(char byte, topic_shape& shape) noexcept {
  shape.separators += byte == '/' ? 1U : 0U;
  shape.has_wildcard |= byte == '+' || byte == '#';
}

topic_shape scan(bytes_view topic_name) noexcept {
  constexpr auto step = sizeof(byte_word);
  topic_shape shape;
  auto size = topic_name.size();
  if (size < step) {
    for (auto byte : topic_name)
      scan_byte(byte, shape);
    return shape;
  }
  auto* bytes = topic_name.data();
  std::size_t at = 0;
  for (; at + step <= size; at += step)
    scan_word(load_byte_word(bytes + at), shape);
  // The last word overlaps what was counted already; that part is dropped.
  if (at < size)
    scan_word(drop_bytes(load_byte_word(bytes + size - step), at + step - size),
              shape);
  return shape;
}

bool is_within(std::size_t levels, const topic_limits& limits) noexcept {
  return limits.depth_max == 0 || levels <= limits.depth_max;
}

/// A wildcard fills its level [MQTT-4.7.1-2], and '#' is the last one
/// [MQTT-4.7.1-1].
bool is_valid_level(bytes_view level, bool is_last) noexcept {
  if (level == "#")
    return is_last;
  return level == "+" || level.find_first_of(wildcards) == bytes_view::npos;
}

/// Number of levels; 0: not a valid filter.
std::size_t count_filter_levels(bytes_view filter) noexcept {
  if (filter.empty())
    return 0;
  std::size_t levels = 0;
  std::optional rest = filter;
  while (rest) {
    auto level = next_level(rest);
    if (!is_valid_level(level, !rest.has_value()))
      return 0;
    ++levels;
  }
  return levels;
}

/// Takes `$share/{group}/` off; false: there is no proper group
/// [MQTT-4.8.2-1] [MQTT-4.8.2-2].
bool split_share(parsed_filter& parsed) noexcept {
  auto rest = parsed.topic_filter.substr(share_prefix.size());
  auto slash = rest.find('/');
  if (slash == 0 || slash == bytes_view::npos)
    return false;
  parsed.share_group = rest.substr(0, slash);
  parsed.topic_filter = rest.substr(slash + 1);
  return parsed.share_group.find_first_of(wildcards) == bytes_view::npos;
}

/// Server topics stay out of a client's way unless it names them
/// [MQTT-4.7.2-1].
bool is_hidden(bytes_view topic_filter, bytes_view topic_name) noexcept {
  return topic_name.starts_with('$') && !topic_filter.empty()
         && wildcards.find(topic_filter.front()) != bytes_view::npos;
}

} // namespace

reason_code check_topic_name(bytes_view topic_name,
                             const topic_limits& limits) noexcept {
  if (topic_name.empty() || topic_name.size() > limits.length_max)
    return reason_code::topic_name_invalid;
  auto shape = scan(topic_name);
  if (shape.has_wildcard || !is_within(shape.separators + 1, limits))
    return reason_code::topic_name_invalid;
  return reason_code::success;
}

expected<parsed_filter, reason_code>
parse_topic_filter(bytes_view topic_filter,
                   const topic_limits& limits) noexcept {
  auto fault = unexpected(reason_code::topic_filter_invalid);
  if (topic_filter.size() > limits.length_max)
    return fault;
  parsed_filter parsed{{}, topic_filter};
  auto is_shared = topic_filter.starts_with(share_prefix);
  if (is_shared && !split_share(parsed))
    return fault;
  auto levels = count_filter_levels(parsed.topic_filter);
  if (levels == 0 || !is_within(levels + (is_shared ? 2 : 0), limits))
    return fault;
  return parsed;
}

bool matches(bytes_view topic_filter, bytes_view topic_name) noexcept {
  if (is_hidden(topic_filter, topic_name))
    return false;
  std::optional filter_rest = topic_filter;
  std::optional name_rest = topic_name;
  while (filter_rest) {
    auto level = next_level(filter_rest);
    // Also when the name has ended: "a/#" matches "a" (4.7.1.2).
    if (level == "#")
      return true;
    if (!name_rest)
      return false;
    auto name_level = next_level(name_rest);
    if (level != "+" && level != name_level)
      return false;
  }
  return !name_rest;
}

bytes_view next_level(std::optional<bytes_view>& rest) noexcept {
  auto text = *rest;
  auto slash = text.find('/');
  if (slash == bytes_view::npos) {
    rest.reset();
    return text;
  }
  rest = text.substr(slash + 1);
  return text.substr(0, slash);
}

} // namespace hetzel::mqtt
