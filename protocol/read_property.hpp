#pragma once

#include "protocol/property.hpp"
#include "protocol/reader.hpp"

namespace hetzel::mqtt {

/// Reads one property as it is coded, without looking at strings or ranges.
/// An unknown identifier fails `in` with `malformed_packet`.
[[nodiscard]] property read_property(reader& in) noexcept;

} // namespace hetzel::mqtt
