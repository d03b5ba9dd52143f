#include "protocol/decoder.hpp"

#include "protocol/decode_packet.hpp"

namespace hetzel::mqtt {

namespace {

using result = expected<control_packet, reason_code>;

template <class Packet>
result widen(expected<Packet, reason_code>&& decoded) {
  if (!decoded)
    return unexpected(decoded.error());
  return control_packet(*std::move(decoded));
}

template <class Reply>
result decode_reply_as(const frame& packet, protocol_version version) {
  auto reply = decode_publish_reply(packet, version);
  if (!reply)
    return unexpected(reply.error());
  return control_packet(Reply{*reply});
}

template <class Ping>
result decode_ping_as(const frame& packet, protocol_version version) {
  auto in = open_body(packet, version);
  return widen(close_body(in, Ping{}));
}

} // namespace

result decode(const frame& packet, protocol_version version) {
  switch (packet.type) {
  case packet_type::connect:
    return widen(decode_connect(packet));
  case packet_type::connack:
    return widen(decode_connack(packet, version));
  case packet_type::publish:
    return widen(decode_publish(packet, version));
  case packet_type::puback:
    return decode_reply_as<puback>(packet, version);
  case packet_type::pubrec:
    return decode_reply_as<pubrec>(packet, version);
  case packet_type::pubrel:
    return decode_reply_as<pubrel>(packet, version);
  case packet_type::pubcomp:
    return decode_reply_as<pubcomp>(packet, version);
  case packet_type::subscribe:
    return widen(decode_subscribe(packet, version));
  case packet_type::suback:
    return widen(decode_suback(packet, version));
  case packet_type::unsubscribe:
    return widen(decode_unsubscribe(packet, version));
  case packet_type::unsuback:
    return widen(decode_unsuback(packet, version));
  case packet_type::pingreq:
    return decode_ping_as<pingreq>(packet, version);
  case packet_type::pingresp:
    return decode_ping_as<pingresp>(packet, version);
  case packet_type::disconnect:
    return widen(decode_disconnect(packet, version));
  case packet_type::auth:
    return widen(decode_auth(packet, version));
  }
  return unexpected(reason_code::malformed_packet);
}

} // namespace hetzel::mqtt
