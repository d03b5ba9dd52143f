#pragma once

#include "protocol/basic_types.hpp"

#include <optional>
#include <string>

/// Base64 (RFC 4648) as password files, SCRAM and JWT write it.

namespace hetzel::plugins {

enum class base64_form : unsigned char {
  padded, ///< `+/`, `=` at the end (RFC 4648, 4)
  bare,   ///< `+/`, no `=`: the strings of the password hashing competition
  url,    ///< `-_`, no `=` (RFC 7515, 2)
};

[[nodiscard]] std::string encode_base64(mqtt::bytes_view bytes,
                                        base64_form form = base64_form::padded);

/// Strict: nothing but the one text that `encode_base64` makes is accepted, so
/// that two texts never mean the same bytes.
[[nodiscard]] std::optional<std::string>
decode_base64(mqtt::bytes_view text, base64_form form = base64_form::padded);

} // namespace hetzel::plugins
