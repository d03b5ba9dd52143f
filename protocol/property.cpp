#include "protocol/property.hpp"

#include "protocol/read_property.hpp"

namespace hetzel::mqtt {

property read_property(reader& in) noexcept {
  property item;
  // A Variable Byte Integer by the letter; every known one has one byte.
  item.id = static_cast<property_id>(in.byte());
  switch (type_of(item.id)) {
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
  case property_type::utf8_string:
  case property_type::binary_data:
    item.value = in.binary();
    break;
  case property_type::utf8_string_pair:
    item.name = in.binary();
    item.value = in.binary();
    break;
  }
  return item;
}

property property_view::take_property(bytes_view& rest) noexcept {
  reader in(rest);
  auto item = read_property(in);
  rest = in.rest();
  return item;
}

std::optional<property> property_view::find(property_id id) const noexcept {
  auto rest = bytes_;
  while (!rest.empty())
    if (auto item = take_property(rest); item.id == id)
      return item;
  return std::nullopt;
}

std::optional<std::uint32_t>
property_view::integer(property_id id) const noexcept {
  auto item = find(id);
  return item ? std::optional(item->integer) : std::nullopt;
}

std::optional<bytes_view> property_view::value(property_id id) const noexcept {
  auto item = find(id);
  return item ? std::optional(item->value) : std::nullopt;
}

} // namespace hetzel::mqtt
