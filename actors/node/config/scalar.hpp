#pragma once

#include "protocol/expected.hpp"

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

/// The single values that configuration is written in, from text to number.
/// All errors are sentences without a full stop. Blanks around are allowed.

namespace hetzel::node {

using number_or_fault = mqtt::expected<std::int64_t, std::string>;

[[nodiscard]] std::string_view trim(std::string_view text) noexcept;

/// The parts between separators, trimmed. An empty text has one empty part.
[[nodiscard]] std::vector<std::string_view> split(std::string_view text,
                                                  char separator);

/// 0 or 1.
[[nodiscard]] number_or_fault parse_flag(std::string_view text);

[[nodiscard]] number_or_fault parse_integer(std::string_view text);

/// Bytes.
[[nodiscard]] number_or_fault parse_size(std::string_view text);

/// Milliseconds; an integer without unit counts `plain_unit`.
[[nodiscard]] number_or_fault parse_duration(std::string_view text,
                                             std::string_view plain_unit);

/// Seconds, in the units of `value_kind::expiry`.
[[nodiscard]] number_or_fault parse_expiry(std::string_view text);

struct socket_endpoint {
  /// Without brackets; or an absolute path, of a local socket.
  std::string address;
  std::uint16_t port = 0;
};

[[nodiscard]] mqtt::expected<socket_endpoint, std::string>
parse_endpoint(std::string_view text);

/// The shortest exact text: 65536 → "64KB", 90000 → "1m30s".
[[nodiscard]] std::string format_size(std::int64_t bytes);
[[nodiscard]] std::string format_duration(std::int64_t milliseconds);

} // namespace hetzel::node
