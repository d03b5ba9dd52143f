#pragma once

#include "protocol/property.hpp"
#include "protocol/property_set.hpp"

#include <cstdint>
#include <string>

namespace hetzel::mqtt {

/// Writes properties in the coded form that `property_view` reads. Appends to
/// a buffer of the caller's; writes no Property Length. Preconditions,
/// asserted: the identifier is of the called function's type, numbers fit it,
/// strings and binary data have at most 65,535 bytes.
class property_writer {
public:
  explicit property_writer(std::string& out) : out_(out) {}

  property_writer& integer(property_id id, std::uint32_t value);

  /// A string or binary data.
  property_writer& value(property_id id, bytes_view value);

  property_writer& user_property(bytes_view name, bytes_view value);

  property_writer& copy(const property& source);

  /// All of `source` in its order, except those in `left_out`: what a hop
  /// takes from one packet into the next.
  property_writer& copy(property_view source, property_set left_out = {});

private:
  void byte(std::uint32_t value);
  void two_byte_integer(std::uint32_t value);
  void string(bytes_view bytes);

  std::string& out_;
};

} // namespace hetzel::mqtt
