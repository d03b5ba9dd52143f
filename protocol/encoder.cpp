#include "protocol/encoder.hpp"

namespace hetzel::mqtt {

namespace {

/// Calls the encoder of the packet that the variant holds.
struct packet_encoder {
  protocol_version version;
  std::string& out;

  template <class Packet>
  void operator()(const Packet& packet) const {
    encode(packet, version, out);
  }

  void operator()(const connect& packet) const { encode(packet, out); }

  void operator()(const puback& packet) const {
    encode_reply(packet_type::puback, packet, version, out);
  }
  void operator()(const pubrec& packet) const {
    encode_reply(packet_type::pubrec, packet, version, out);
  }
  void operator()(const pubrel& packet) const {
    encode_reply(packet_type::pubrel, packet, version, out);
  }
  void operator()(const pubcomp& packet) const {
    encode_reply(packet_type::pubcomp, packet, version, out);
  }

  void operator()(const pingreq&) const { encode_pingreq(out); }
  void operator()(const pingresp&) const { encode_pingresp(out); }

  /// 3.x has no AUTH.
  void operator()(const auth& packet) const {
    if (version == protocol_version::v5)
      encode(packet, out);
  }
};

} // namespace

void encode(const control_packet& packet, protocol_version version,
            std::string& out) {
  std::visit(packet_encoder{version, out}, packet);
}

} // namespace hetzel::mqtt
