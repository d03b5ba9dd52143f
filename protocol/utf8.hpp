#pragma once

#include "protocol/basic_types.hpp"

namespace hetzel::mqtt {

/// Well-formed UTF-8 without NUL, surrogates, over-long forms or anything
/// beyond U+10FFFF [MQTT-1.5.4-1] [MQTT-1.5.4-2]. Control characters and
/// non-characters pass: the specification leaves them to the receiver.
[[nodiscard]] bool is_valid_utf8(bytes_view text) noexcept;

} // namespace hetzel::mqtt
