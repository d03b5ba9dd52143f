#pragma once

#include <string>
#include <string_view>

namespace hetzel::test {

/// Bytes as a person writes a packet down: two-digit hex numbers and quoted
/// text, e.g. `hex("30 06 0001 'a' 'hi'")`. Spaces mean nothing. Throws
/// std::invalid_argument when it is neither.
[[nodiscard]] std::string hex(std::string_view notation);

/// The other way, all in hex: "30 06 00 01".
[[nodiscard]] std::string to_hex(std::string_view bytes);

} // namespace hetzel::test
