#pragma once

#include "protocol/property.hpp"
#include "protocol/reader.hpp"

namespace hetzel::mqtt {

/// Reads the identifier of a property. By the letter it is a Variable Byte
/// Integer; every known one has one byte.
[[nodiscard]] inline property_id read_property_id(reader& in) noexcept {
  return static_cast<property_id>(in.byte());
}

/// Reads a value as `type` is coded, without looking at strings or ranges.
/// `none`, the type of unknown identifiers, fails with `malformed_packet`.
inline void read_value(reader& in, property_type type,
                       property& item) noexcept {
  switch (type) {
  case property_type::none:
    in.fail(reason_code::malformed_packet);
    break;
  case property_type::byte:
    item.integer = in.byte();
    break;
  case property_type::two_byte_integer:
    item.integer = in.two_byte_integer();
    break;
  case property_type::four_byte_integer:
    item.integer = in.four_byte_integer();
    break;
  case property_type::variable_byte_integer:
    item.integer = in.variable_integer();
    break;
  case property_type::utf8_string_pair:
    item.name = in.binary();
    [[fallthrough]];
  case property_type::utf8_string:
  case property_type::binary_data:
    item.value = in.binary();
    break;
  }
}

} // namespace hetzel::mqtt
