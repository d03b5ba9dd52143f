#include "protocol/property.hpp"

#include "protocol/read_property.hpp"

namespace hetzel::mqtt {

property property_view::take_property(bytes_view& rest) noexcept {
  reader in(rest);
  property item;
  item.id = read_property_id(in);
  read_value(in, type_of(item.id), item);
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
