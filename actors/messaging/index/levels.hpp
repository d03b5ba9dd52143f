#pragma once

#include "protocol/basic_types.hpp"

#include <cstddef>
#include <cstring>
#include <optional>

namespace hetzel::messaging {

/// Takes a topic apart, level by level; a topic of n '/' has n + 1 levels. The
/// inline twin of mqtt::next_level, for the walk of every match.
class level_reader {
public:
  explicit level_reader(mqtt::bytes_view topic) noexcept
    : next_(topic.data()), end_(topic.data() + topic.size()) {}

  [[nodiscard]] bool has_next() const noexcept { return next_ != nullptr; }

  /// Precondition: has_next().
  mqtt::bytes_view next() noexcept {
    const auto* const begin = next_;
    // Levels are short: a loop beats the call of memchr.
    const auto* end = begin;
    while (end != end_ && *end != '/')
      ++end;
    next_ = end == end_ ? nullptr : end + 1;
    return {begin, static_cast<std::size_t>(end - begin)};
  }

private:
  const char* next_;
  const char* end_;
};

/// A filter without its final '#'.
struct split_filter {
  /// nullopt: the filter is "#".
  std::optional<mqtt::bytes_view> levels;
  bool has_rest = false;
};

[[nodiscard]] inline split_filter
split(mqtt::bytes_view topic_filter) noexcept {
  if (topic_filter == "#")
    return {std::nullopt, true};
  if (topic_filter.ends_with("/#"))
    return {topic_filter.substr(0, topic_filter.size() - 2), true};
  return {topic_filter, false};
}

/// Of a valid filter: wildcards are nowhere but alone in a level.
[[nodiscard]] inline bool has_wildcard(mqtt::bytes_view topic_filter) noexcept {
  return topic_filter.find_first_of("+#") != mqtt::bytes_view::npos;
}

/// A name that starts with '$' is not matched by a leading wildcard
/// [MQTT-4.7.2-1].
[[nodiscard]] inline bool is_hidden(mqtt::bytes_view topic_name) noexcept {
  return topic_name.starts_with('$');
}

} // namespace hetzel::messaging
