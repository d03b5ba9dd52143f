#include "protocol/property_writer.hpp"

#include "protocol/assert.hpp"
#include "protocol/variable_byte_integer.hpp"

namespace hetzel::mqtt {

namespace {

/// Largest number that a type can carry; 0 for types that carry none.
std::uint32_t maximum_of(property_type type) noexcept {
  switch (type) {
  case property_type::byte:
    return 0xFF;
  case property_type::two_byte_integer:
    return 0xFFFF;
  case property_type::four_byte_integer:
    return 0xFFFF'FFFF;
  case property_type::variable_byte_integer:
    return remaining_length_max;
  case property_type::none:
  case property_type::utf8_string:
  case property_type::binary_data:
  case property_type::utf8_string_pair:
    break;
  }
  return 0;
}

bool is_text_or_binary(property_type type) noexcept {
  return type == property_type::utf8_string
         || type == property_type::binary_data;
}

} // namespace

property_writer& property_writer::integer(property_id id, std::uint32_t value) {
  auto type = type_of(id);
  HETZEL_ASSERT(maximum_of(type) != 0 && value <= maximum_of(type));
  byte(static_cast<unsigned char>(id));
  if (type == property_type::byte) {
    byte(value);
  } else if (type == property_type::two_byte_integer) {
    two_byte_integer(value);
  } else if (type == property_type::four_byte_integer) {
    two_byte_integer(value >> 16U);
    two_byte_integer(value);
  } else {
    char coded[4];
    out_.append(coded, write_variable_byte_integer(coded, value));
  }
  return *this;
}

property_writer& property_writer::value(property_id id, bytes_view value) {
  HETZEL_ASSERT(is_text_or_binary(type_of(id)));
  HETZEL_ASSERT(value.size() <= 65'535);
  byte(static_cast<unsigned char>(id));
  string(value);
  return *this;
}

property_writer& property_writer::user_property(bytes_view name,
                                                bytes_view value) {
  HETZEL_ASSERT(name.size() <= 65'535 && value.size() <= 65'535);
  byte(static_cast<unsigned char>(property_id::user_property));
  string(name);
  string(value);
  return *this;
}

property_writer& property_writer::copy(const property& source) {
  if (source.id == property_id::user_property)
    return user_property(source.name, source.value);
  if (is_text_or_binary(type_of(source.id)))
    return value(source.id, source.value);
  return integer(source.id, source.integer);
}

property_writer& property_writer::copy(property_view source,
                                       property_set left_out) {
  if (left_out.empty()) {
    out_.append(source.bytes());
    return *this;
  }
  source.for_each([&](const property& item) {
    if (!left_out.contains(item.id))
      copy(item);
  });
  return *this;
}

void property_writer::byte(std::uint32_t value) {
  out_.push_back(static_cast<char>(value));
}

void property_writer::two_byte_integer(std::uint32_t value) {
  byte(value >> 8U);
  byte(value);
}

void property_writer::string(bytes_view bytes) {
  two_byte_integer(static_cast<std::uint32_t>(bytes.size()));
  out_.append(bytes);
}

} // namespace hetzel::mqtt
