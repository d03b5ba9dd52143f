#include "protocol/decode_packet.hpp"

#include "protocol/subscription_options.hpp"

namespace hetzel::mqtt {

namespace {

constexpr unsigned reserved_bits = 0xC0;

/// 3.1 leaves the upper six bits undefined; 3.1.1 wants them zero
/// [MQTT-3.8.3-4]; 5.0 defines four of them [MQTT-3.8.3-5].
subscription_options read_options(reader& in,
                                  protocol_version version) noexcept {
  unsigned bits = in.byte();
  if (version == protocol_version::v3_1)
    bits &= 0x03U;
  auto reserved = version == protocol_version::v5 ? reserved_bits : 0xFCU;
  in.require((bits & reserved) == 0, reason_code::malformed_packet);
  auto options = options_of(bits);
  in.require(options.has_value(), reason_code::protocol_error);
  return options.value_or(subscription_options{});
}

/// A request or an answer about nothing [MQTT-3.8.3-2] [MQTT-3.10.3-2].
template <class List>
void require_some(reader& in, const List& list) noexcept {
  in.require(!list.empty(), reason_code::protocol_error);
}

std::vector<reason_code> read_codes(reader& in, packet_type type) {
  std::vector<reason_code> codes;
  codes.reserve(in.left());
  while (!in.at_end())
    codes.push_back(read_reason_code(in, type));
  require_some(in, codes);
  return codes;
}

/// 3.x has the three grants and one failure, which 5.0 calls unspecified.
bool is_return_code(reason_code code) noexcept {
  return code <= reason_code::granted_qos_2
         || code == reason_code::unspecified_error;
}

} // namespace

expected<subscribe, reason_code> decode_subscribe(const frame& packet,
                                                  protocol_version version) {
  auto in = open_body(packet, version);
  subscribe result;
  result.id = read_packet_id(in);
  auto properties = read_properties(in, property_place::subscribe, version);
  result.properties = properties.view;
  if (properties.present.contains(property_id::subscription_identifier))
    result.subscription_id
      = *properties.view.integer(property_id::subscription_identifier);
  while (!in.at_end()) {
    subscribe_entry entry;
    entry.topic_filter = in.utf8_string();
    entry.options = read_options(in, version);
    result.entries.push_back(entry);
  }
  require_some(in, result.entries);
  return close_body(in, std::move(result));
}

expected<suback, reason_code> decode_suback(const frame& packet,
                                            protocol_version version) {
  auto in = open_body(packet, version);
  suback result;
  result.id = read_packet_id(in);
  result.properties = read_properties(in, property_place::suback, version).view;
  result.codes = read_codes(in, packet_type::suback);
  if (version != protocol_version::v5)
    for (auto code : result.codes)
      in.require(is_return_code(code), reason_code::protocol_error);
  return close_body(in, std::move(result));
}

expected<unsubscribe, reason_code>
decode_unsubscribe(const frame& packet, protocol_version version) {
  auto in = open_body(packet, version);
  unsubscribe result;
  result.id = read_packet_id(in);
  result.properties
    = read_properties(in, property_place::unsubscribe, version).view;
  while (!in.at_end())
    result.topic_filters.push_back(in.utf8_string());
  require_some(in, result.topic_filters);
  return close_body(in, std::move(result));
}

expected<unsuback, reason_code> decode_unsuback(const frame& packet,
                                                protocol_version version) {
  auto in = open_body(packet, version);
  unsuback result;
  result.id = read_packet_id(in);
  result.properties
    = read_properties(in, property_place::unsuback, version).view;
  if (version == protocol_version::v5)
    result.codes = read_codes(in, packet_type::unsuback);
  return close_body(in, std::move(result));
}

} // namespace hetzel::mqtt
