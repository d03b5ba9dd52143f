#pragma once

#include "protocol/basic_types.hpp"
#include "protocol/packet.hpp"
#include "protocol/property_writer.hpp"

#include <string>

namespace hetzel::mqtt {

/// Appends the coded packet to `out`. What `version` cannot say (properties,
/// reason codes of 3.x) is left out. Preconditions, asserted: strings and
/// binary data of at most 65,535 bytes, a packet of at most
/// `remaining_length_max`. In `publish` the properties, `topic_alias` and
/// `expiry_interval` are written as given: `properties` must then hold
/// neither of those two.
void encode(const control_packet& packet, protocol_version version,
            std::string& out);

void encode(const connect& packet, std::string& out);
void encode(const connack& packet, protocol_version version, std::string& out);
void encode(const publish& packet, protocol_version version, std::string& out);
void encode(const subscribe& packet, protocol_version version,
            std::string& out);
void encode(const suback& packet, protocol_version version, std::string& out);
void encode(const unsubscribe& packet, protocol_version version,
            std::string& out);
void encode(const unsuback& packet, protocol_version version, std::string& out);
void encode(const disconnect& packet, protocol_version version,
            std::string& out);
void encode(const auth& packet, std::string& out);

/// PUBACK, PUBREC, PUBREL, PUBCOMP. `success` without properties takes the
/// short form of two bytes.
void encode_reply(packet_type type, const publish_reply& packet,
                  protocol_version version, std::string& out);

void encode_pingreq(std::string& out);
void encode_pingresp(std::string& out);

} // namespace hetzel::mqtt
