#pragma once

#include "protocol/basic_types.hpp"
#include "protocol/expected.hpp"
#include "protocol/reason_code.hpp"
#include "protocol/utf8.hpp"

#include <cstddef>
#include <optional>

/// Topic names and topic filters (MQTT 5, 4.7 and 4.8.2). All of it expects
/// `is_valid_utf8` of its arguments, which the decoder has seen to.

namespace hetzel::mqtt {

struct topic_limits {
  /// Levels, `$share` and its group counted as in VerneMQ; 0: no limit.
  std::size_t depth_max = 10;
  /// Bytes; the protocol itself allows 65,535.
  std::size_t length_max = 65'535;
};

/// A filter as the subscription table sees it.
struct parsed_filter {
  /// `{group}` of `$share/{group}/{filter}`; empty: not shared.
  bytes_view share_group;
  /// What to match topic names against.
  bytes_view topic_filter;
};

/// `success`, or `topic_name_invalid` (empty, a wildcard, too deep or long)
/// [MQTT-4.7.3-1] [MQTT-3.3.2-2].
[[nodiscard]] reason_code check_topic_name(bytes_view topic_name,
                                           const topic_limits& limits) noexcept;

/// The filter split, or `topic_filter_invalid` [MQTT-4.7.1-1] [MQTT-4.7.1-2]
/// [MQTT-4.8.2-1] [MQTT-4.8.2-2].
[[nodiscard]] expected<parsed_filter, reason_code>
parse_topic_filter(bytes_view topic_filter,
                   const topic_limits& limits) noexcept;

/// The definition of matching, for one filter (without `$share`) and one name.
/// The table in actors/messaging/ is faster; both must agree.
/// A leading wildcard does not match a name that starts with `$`
/// [MQTT-4.7.2-1].
[[nodiscard]] bool matches(bytes_view topic_filter,
                           bytes_view topic_name) noexcept;

/// The text up to the first '/', which is removed from `rest` with it; sets
/// `rest` to nullopt at the end. A topic of n '/' has n + 1 levels.
[[nodiscard]] bytes_view next_level(std::optional<bytes_view>& rest) noexcept;

} // namespace hetzel::mqtt
