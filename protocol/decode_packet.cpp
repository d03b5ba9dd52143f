#include "protocol/decode_packet.hpp"

#include "protocol/reason_code_rules.hpp"

namespace hetzel::mqtt {

checked_properties read_some_properties(reader& in,
                                        property_place place) noexcept {
  auto coded = in.take(in.variable_integer());
  auto present = check_properties(coded, place);
  if (!present) {
    in.fail(present.error());
    return {};
  }
  return {property_view(coded), *present};
}

reason_code read_reason_code(reader& in, packet_type type) noexcept {
  auto code = static_cast<reason_code>(in.byte());
  in.require(is_allowed_in(type, code), reason_code::protocol_error);
  return code;
}

} // namespace hetzel::mqtt
