#include "protocol/encoder.hpp"

#include "protocol/writer.hpp"

namespace hetzel::mqtt {

namespace {

void encode_empty(packet_type type, std::string& out) {
  writer(out, type, 0, 0).close();
}

} // namespace

void encode(const disconnect& packet, protocol_version version,
            std::string& out) {
  auto is_v5 = version == protocol_version::v5;
  auto has_properties = is_v5 && !packet.properties.empty();
  auto has_code
    = has_properties || (is_v5 && packet.code != reason_code::success);
  auto size
    = (has_code ? std::size_t{1} : 0)
      + (has_properties ? properties_size(packet.properties, version) : 0);
  writer to(out, packet_type::disconnect, 0, size);
  if (has_code)
    to.byte(static_cast<unsigned char>(packet.code));
  if (has_properties)
    to.properties(packet.properties, version);
  to.close();
}

void encode(const auth& packet, std::string& out) {
  // Unlike DISCONNECT, AUTH has no form with a code alone (3.15.2.2.1).
  auto is_empty
    = packet.code == reason_code::success && packet.properties.empty();
  if (is_empty)
    return encode_empty(packet_type::auth, out);
  writer to(out, packet_type::auth, 0,
            1 + properties_size(packet.properties, protocol_version::v5));
  to.byte(static_cast<unsigned char>(packet.code));
  to.properties(packet.properties, protocol_version::v5);
  to.close();
}

void encode_pingreq(std::string& out) {
  encode_empty(packet_type::pingreq, out);
}

void encode_pingresp(std::string& out) {
  encode_empty(packet_type::pingresp, out);
}

} // namespace hetzel::mqtt
