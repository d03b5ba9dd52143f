#include "protocol/property_writer.hpp"
#include "protocol/session/session.hpp"

namespace hetzel::mqtt {

namespace {

// With so much of a packet still to come it counts as a sign of life: on a
// slow line one packet may take longer than the keep alive.
constexpr std::size_t long_rest_bytes = 1024;

// Properties that end at this hop.
constexpr property_set hop_properties{property_id::topic_alias,
                                      property_id::message_expiry_interval};
constexpr std::size_t alias_property_size = 3;
constexpr std::size_t expiry_property_size = 5;

bool is_long_packet_arriving(bytes_view buffer) noexcept {
  auto size = frame_size(buffer);
  return size && *size > buffer.size() + long_rest_bytes;
}

} // namespace

void session::on_bytes(bytes_view& buffer, time_point now) {
  while (!is_paused()) {
    auto next = next_frame(buffer, packet_size_max_);
    if (!next)
      return fail(next.error(), "fixed header is not valid");
    if (!*next) {
      if (is_long_packet_arriving(buffer))
        keep_alive_.on_packet(now);
      return;
    }
    keep_alive_.on_packet(now);
    buffer.remove_prefix((*next)->size);
    on_packet(**next, now);
  }
}

void session::on_packet(const frame& packet, time_point now) {
  switch (packet.type) {
  case packet_type::publish:
    return on_publish(packet);
  case packet_type::puback:
  case packet_type::pubrec:
  case packet_type::pubrel:
  case packet_type::pubcomp:
    return on_publish_reply(packet, now);
  case packet_type::connect:
  case packet_type::connack:
  case packet_type::subscribe:
  case packet_type::suback:
  case packet_type::unsubscribe:
  case packet_type::unsuback:
  case packet_type::pingreq:
  case packet_type::pingresp:
  case packet_type::disconnect:
  case packet_type::auth:
    return on_request(packet);
  }
}

// -- PUBLISH ----------------------------------------------------------------

void session::on_publish(const frame& packet) {
  auto decoded = decode_publish(packet, version_);
  if (!decoded)
    return fail(decoded.error(), "PUBLISH is not valid");
  sink_.count(session_event::publish_received);
  if (resolve_topic(*decoded) && admit(*decoded))
    route(*decoded);
}

// Puts the topic name in the place of an alias. Only checked names are bound.
bool session::resolve_topic(publish& packet) {
  auto alias = packet.topic_alias;
  if (alias != 0 && !aliases_in_.is_allowed(alias)) {
    fail(reason_code::topic_alias_invalid,
         "topic alias is above Topic Alias Maximum");
    return false;
  }
  if (alias != 0 && packet.topic_name.empty()) {
    packet.topic_name = aliases_in_.resolve(alias);
    if (packet.topic_name.empty())
      fail(reason_code::protocol_error, "topic alias is not known");
    return !packet.topic_name.empty();
  }
  auto code = check_topic_name(packet.topic_name, topics_);
  if (is_error(code)) {
    fail(code, "topic name is not valid");
    return false;
  }
  if (alias != 0)
    aliases_in_.bind(alias, packet.topic_name);
  return true;
}

// Whether the PUBLISH is to be routed. If not, it was answered.
bool session::admit(const publish& packet) {
  if (!packet.properties.empty()
      && packet.properties.find(property_id::subscription_identifier)) {
    fail(reason_code::protocol_error,
         "a client sends no Subscription Identifier"); // [MQTT-3.3.4-6]
    return false;
  }
  if (packet.quality == qos::at_most_once)
    return true;
  auto& inbound = state_.inbound;
  auto verdict = packet.quality == qos::exactly_once
                   ? inbound.receive_qos_2(packet.id)
                   : inbound.receive_qos_1();
  switch (verdict) {
  case inbound_flow::verdict::route:
    return true;
  case inbound_flow::verdict::in_routing:
    return false;
  case inbound_flow::verdict::answer:
    send_publish_reply(packet_type::pubrec, packet.id, reason_code::success);
    return false;
  case inbound_flow::verdict::over_limit:
    fail(reason_code::receive_maximum_exceeded,
         "more PUBLISH than Receive Maximum");
    return false;
  }
  return false;
}

// Hands on what travels end to end. Without hop properties the view of the
// read buffer is passed through, and with nothing else it becomes empty.
void session::route(publish& packet) {
  if (packet.topic_alias == 0 && !packet.expiry_interval)
    return sink_.on_publish(packet);
  std::string kept;
  auto hop_size = (packet.topic_alias != 0 ? alias_property_size : 0)
                  + (packet.expiry_interval ? expiry_property_size : 0);
  if (packet.properties.bytes().size() > hop_size)
    property_writer{kept}.copy(packet.properties, hop_properties);
  packet.properties = property_view{kept};
  packet.topic_alias = 0;
  sink_.on_publish(packet);
}

// -- PUBACK, PUBREC, PUBREL, PUBCOMP ----------------------------------------

void session::on_publish_reply(const frame& packet, time_point now) {
  auto decoded = decode_publish_reply(packet, version_);
  if (!decoded)
    return fail(decoded.error(), to_string(packet.type));
  sink_.count_packet(packet.type, decoded->code, false);
  if (packet.type == packet_type::puback)
    return on_puback(*decoded, now);
  if (packet.type == packet_type::pubrec)
    return on_pubrec(*decoded, now);
  if (packet.type == packet_type::pubrel)
    return on_pubrel(*decoded);
  on_pubcomp(*decoded, now);
}

void session::on_puback(const publish_reply& packet, time_point now) {
  auto* open = state_.outbound.find(packet.id);
  if (open == nullptr || open->awaits != outbound_flow::step::puback)
    return sink_.count(session_event::puback_invalid);
  settle(*open, now);
}

void session::on_pubrec(const publish_reply& packet, time_point now) {
  auto* open = state_.outbound.find(packet.id);
  auto is_refused = is_error(packet.code);
  if (open == nullptr || open->awaits == outbound_flow::step::puback) {
    sink_.count(session_event::pubrec_invalid);
    // A refusal ends the exchange: no PUBREL follows it (MQTT 5, 4.3.3).
    if (!is_refused)
      send_publish_reply(packet_type::pubrel, packet.id,
                         reason_code::packet_identifier_not_found);
    return;
  }
  if (open->awaits == outbound_flow::step::storing)
    return;
  if (is_refused)
    return settle(*open, now);
  // Again for a repeated PUBREC: what it tells is stored.
  const bool is_stored = open->awaits == outbound_flow::step::pubcomp
                         || sink_.on_received(open->item, packet.id);
  outbound_flow::on_received(*open, is_stored);
  if (is_stored)
    send_publish_reply(packet_type::pubrel, packet.id, reason_code::success);
}

void session::complete_received(packet_id id) {
  auto* open = state_.outbound.find(id);
  if (open == nullptr || open->awaits != outbound_flow::step::storing)
    return;
  outbound_flow::on_received(*open);
  send_publish_reply(packet_type::pubrel, id, reason_code::success);
}

void session::on_pubrel(const publish_reply& packet) {
  switch (state_.inbound.release(packet.id)) {
  case inbound_flow::release_verdict::released:
    if (sink_.on_released(packet.id))
      complete_release(packet.id);
    return;
  case inbound_flow::release_verdict::in_release:
    return;
  case inbound_flow::release_verdict::unknown:
    return send_publish_reply(packet_type::pubcomp, packet.id,
                              reason_code::packet_identifier_not_found);
  case inbound_flow::release_verdict::premature:
    return fail(reason_code::protocol_error, "PUBREL before PUBREC");
  }
}

void session::complete_release(packet_id id) {
  if (state_.inbound.finish_release(id) && !has_ended_)
    send_publish_reply(packet_type::pubcomp, id, reason_code::success);
}

// An unknown one is no fault: a resent PUBREL has two answers, and so does the
// PUBREL that answered an unknown PUBREC.
void session::on_pubcomp(const publish_reply& packet, time_point now) {
  auto* open = state_.outbound.find(packet.id);
  if (open == nullptr || open->awaits != outbound_flow::step::pubcomp)
    return sink_.count(session_event::pubcomp_invalid);
  settle(*open, now);
}

} // namespace hetzel::mqtt
